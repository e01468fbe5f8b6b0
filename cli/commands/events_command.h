// What `cameras`, `incidents` and `webhooks` share: subcommands that talk to event storage and print protos.
#pragma once

#include <google/protobuf/util/json_util.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/cluster/cluster_flags.h"
#include "cli/command.h"
#include "common/base/status.h"

namespace aislewatch {

/// Flags of every such subcommand.
struct EventsCommandOptions {
  FindServiceFlags service;
  bool json = false;
};

/// A message as one line of JSON, with the proto's own field names and zeros spelled out.
inline std::string MessageJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

/// Adds subcommand `name` to `group`, which finds event storage and calls `action` with a stub of
/// Service. Options derives from EventsCommandOptions.
template <class Service, class Options>
CLI::App* AddEventsAction(CLI::App& group, CommandContext& context,
                          std::shared_ptr<Options> options, const std::string& name,
                          const std::string& help,
                          absl::Status (*action)(const Options&, typename Service::Stub&)) {
  CLI::App* command = group.add_subcommand(name, help);
  AddFindServiceFlags(*command, "events", options->service);
  command->add_flag("--json", options->json, "Print JSON, an object a line");
  command->callback([&context, options, action] {
    context.run = [options, action]() -> absl::Status {
      AW_ASSIGN_OR_RETURN(const auto channel, FindService("events", options->service));
      const auto stub = Service::NewStub(channel);
      return action(*options, *stub);
    };
  });
  return command;
}

}  // namespace aislewatch
