// aislewatch-classifier: aislewatch.v1.ShopliftingClassificationService. See README.md.
#include "services/classifier/app.h"

int main(int argc, char** argv) {
  aislewatch::classifier::ClassifierApp app;
  return aislewatch::RunService(app, argc, argv);
}
