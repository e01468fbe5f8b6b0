// Reads dashboards as Grafana's own types have them, strictly: a field that Grafana does not know, of a dashboard, a panel
// or a query, is refused, and so is a value of the wrong type.
//
//	go run . FILE.json ...
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func fault(text []byte) error {
	var parsed dashboard.Dashboard
	// A list of errors that is empty comes as an error, too.
	for _, err := range []error{parsed.UnmarshalJSONStrict(text), parsed.Validate()} {
		if err != nil && err.Error() != "" {
			return err
		}
	}
	return nil
}

// The same dashboard with a field that nobody knows in the first panel that draws something.
func withUnknownField(text []byte, place string) ([]byte, error) {
	var parsed map[string]any
	if err := json.Unmarshal(text, &parsed); err != nil {
		return nil, err
	}
	for _, panel := range parsed["panels"].([]any) {
		fields := panel.(map[string]any)
		if fields["type"] != "timeseries" {
			continue
		}
		inner := map[string]any{"panel": fields, "query": fields["targets"].([]any)[0], "options": fields["options"]}[place]
		inner.(map[string]any)["tpyo"] = 1
		break
	}
	return json.Marshal(parsed)
}

func main() {
	plugins.RegisterDefaultPlugins()
	faults := 0
	for _, name := range os.Args[1:] {
		text, err := os.ReadFile(name)
		if err == nil {
			err = fault(text)
		}
		if err != nil {
			faults++
			fmt.Printf("FAULT: %s: %v\n", filepath.Base(name), err)
			continue
		}
		for _, place := range []string{"panel", "query", "options"} {
			broken, err := withUnknownField(text, place)
			if err != nil || fault(broken) == nil {
				faults++
				fmt.Printf("FAULT: %s: an unknown field of a %s is taken: %v\n", filepath.Base(name), place, err)
			}
		}
	}
	if faults > 0 {
		os.Exit(1)
	}
	fmt.Printf("%d dashboards are as Grafana's types have them\n", len(os.Args)-1)
}
