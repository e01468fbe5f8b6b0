// aislewatch-ingest: aislewatch.v1.FrameIngestService. See README.md.
#include "services/ingest/app.h"

int main(int argc, char** argv) {
  aislewatch::ingest::IngestApp app;
  return aislewatch::RunService(app, argc, argv);
}
