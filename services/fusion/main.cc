// aislewatch-fusion: aislewatch.v1.AnomalyFusionService. See README.md.
#include "services/fusion/app.h"

int main(int argc, char** argv) {
  aislewatch::fusion::FusionApp app;
  return aislewatch::RunService(app, argc, argv);
}
