"""What the autoscalers of k8s/components ask Prometheus for: KEDA's queries, and those that prometheus-adapter makes."""
import re

import monitoring
import yaml

COMPONENTS = monitoring.ROOT / "k8s/components"
# The labels that the PodMonitor's targets have on Kubernetes, for a scrape configuration here.
NAMESPACE = "aislewatch"
RELABEL = [{"target_label": "namespace", "replacement": NAMESPACE},
           {"source_labels": ["job"], "target_label": "pod", "replacement": "$1-0"}]


def objects(file):
    return [one for one in yaml.safe_load_all((COMPONENTS / file).read_text()) if one]


def keda_queries():
    """(ScaledObject, query), as KEDA sends them."""
    for scaled in objects("keda/scaled-objects.yaml"):
        for trigger in scaled["spec"]["triggers"]:
            if trigger["type"] == "prometheus":
                yield scaled["metadata"]["name"], trigger["metadata"]["query"]


def hpa_metrics():
    """(HorizontalPodAutoscaler, metric, resource, name of the object or None for all its pods)."""
    for scaler in objects("hpa/autoscalers.yaml"):
        for metric in scaler["spec"]["metrics"]:
            if metric["type"] == "Pods":
                yield scaler["metadata"]["name"], metric["pods"]["metric"]["name"], "pod", None
            elif metric["type"] == "Object":
                described = metric["object"]["describedObject"]
                yield (scaler["metadata"]["name"], metric["object"]["metric"]["name"], described["kind"].lower(),
                       described["name"])


def adapted(rule, series):
    """The metric that a rule of prometheus-adapter makes of a series; the series itself where it renames nothing."""
    name = rule.get("name")
    if name is None:
        return series
    found = re.fullmatch(name["matches"].strip("^$"), series)
    return found and found.expand(name["as"].replace("${", "\\g<").replace("}", ">"))


def adapter_query(prometheus, metric, resource, object_name):
    """The query that prometheus-adapter sends for a metric, by the series that there are; None where no rule makes it."""
    for rule in objects("hpa/adapter-rules.yaml")[0]["rules"]["custom"]:
        labels = {override["resource"]: label for label, override in rule["resources"]["overrides"].items()}
        if resource not in labels:
            continue
        for series in prometheus.get("series", **{"match[]": rule["seriesQuery"]}):
            if adapted(rule, series["__name__"]) == metric:
                own = f'{labels[resource]}="{object_name}"' if object_name else f'{labels[resource]}=~".+"'
                values = {"<<.Series>>": series["__name__"], "<<.GroupBy>>": labels[resource],
                          "<<.LabelMatchers>>": f'{labels["namespace"]}="{NAMESPACE}",{own}'}
                query = rule["metricsQuery"]
                for placeholder, value in values.items():
                    query = query.replace(placeholder, value)
                return query
    return None


def faults(prometheus):
    """What has no data, which an autoscaler would wait for in vain."""
    for scaler, query in keda_queries():
        if not prometheus.has_data(query):
            yield f"KEDA, {scaler}: no data: {query}"
    for scaler, metric, resource, object_name in hpa_metrics():
        query = adapter_query(prometheus, metric, resource, object_name)
        if query is None:
            yield f"HPA, {scaler}: no rule of prometheus-adapter makes {metric} of a series that there is"
        elif not prometheus.has_data(query):
            yield f"HPA, {scaler}: no data: {query}"


def count():
    return len(list(keda_queries())) + len(list(hpa_metrics()))
