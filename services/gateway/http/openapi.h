// The OpenAPI 3.0 document, made of the table that serves the requests and of the messages
// themselves.
#pragma once

#include <string>

#include "services/gateway/http/route.h"

namespace aislewatch::gateway {

/// The document as JSON.
std::string OpenApi(const RouteTable& table);

/// Adds GET /api/v1/openapi.json; call it when everything else has been added.
void AddOpenApiRoute(RouteTable& table);

}  // namespace aislewatch::gateway
