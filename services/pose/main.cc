// aislewatch-pose: aislewatch.v1.PoseExtractionService. See README.md.
#include "services/pose/app.h"

int main(int argc, char** argv) {
  aislewatch::pose::PoseApp app;
  return aislewatch::RunService(app, argc, argv);
}
