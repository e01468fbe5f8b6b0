#include "common/rpc/service_main.h"
#include "services/events/app.h"

int main(int argc, char** argv) {
  aislewatch::events::EventsApp app;
  return aislewatch::RunService(app, argc, argv);
}
