// aislewatch-gateway: REST, server-sent events and the console over HTTP. See README.md.
#include "services/gateway/app.h"

int main(int argc, char** argv) {
  aislewatch::gateway::GatewayApp app;
  return aislewatch::RunService(app, argc, argv);
}
