// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"

#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <new>

namespace packetarium::cli {

std::atomic<bool> stopRequested{false};

namespace {

void onInterrupt(int) {
  // The first time work ends in good order; the second time at once.
  if (stopRequested.exchange(true)) std::_Exit(Interrupted);
}

/// The options of one command in Markdown.
std::string optionsOf(const CLI::App &app, const std::string &name) {
  std::string out = fmt::format("### `packetarium-cli {}`\n\n{}.\n", name, app.get_description());
  out += "\n| option | meaning |\n|---|---|\n";
  for (const CLI::Option *option : app.get_options()) {
    const std::string type = option->get_type_size() == 0 ? "" : option->get_type_name();
    const bool positional = option->get_positional();
    out += fmt::format("| `{}{}` | {} |\n", option->get_name(positional, !positional),
                       positional || type.empty() ? "" : " " + type, option->get_description());
  }
  return out + "\n";
}

std::string optionsPage(const std::vector<Command> &commands) {
  std::string out;
  for (const Command &command : commands) {
    const auto inner = command.app->get_subcommands([](const CLI::App *) { return true; });
    if (inner.empty()) out += optionsOf(*command.app, command.app->get_name());
    for (const CLI::App *app : inner)
      out += optionsOf(*app, command.app->get_name() + " " + app->get_name());
  }
  return out;
}

int dispatch(int argc, char **argv) {
  CLI::App app("Packetarium without a window: runs, checks and makes scenarios.",
               "packetarium-cli");
  app.set_version_flag("--version", PACKETARIUM_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer([] {
    return "Exit codes: 0 done, 1 the input is at fault (or a run broke a promise of Raft, or a "
           "history is not linearizable), 2 wrong usage, 3 undecided, 130 ended by Ctrl+C.\n\n" +
           metricList() + "\n" + traceKindList();
  });
  RunOptions runOptions;
  TapOptions tapOptions;
  AvailabilityOptions servicesOptions, outagesOptions, lostWritesOptions;
  JudgeOptions judgeOptions;
  CapDialOptions capDialOptions;
  CalcQuestions calcQuestions;
  CheckHistoryOptions checkOptions;
  SwarmCliOptions swarmOptions;
  std::string file;
  GenerateOptions generateOptions;
  BenchOptions benchOptions;
  const std::vector<Command> commands = {scenariosCommand(app),
                                         runCommand(app, runOptions),
                                         tapCommand(app, tapOptions),
                                         servicesCommand(app, servicesOptions),
                                         outagesCommand(app, outagesOptions),
                                         lostWritesCommand(app, lostWritesOptions),
                                         judgeCommand(app, judgeOptions),
                                         capDialCommand(app, capDialOptions),
                                         calcCommand(app, calcQuestions),
                                         checkHistoryCommand(app, checkOptions),
                                         swarmCommand(app, swarmOptions),
                                         validateCommand(app, file),
                                         generateCommand(app, generateOptions),
                                         benchCommand(app, benchOptions)};
  CLI::App *reference = app.add_subcommand("reference", "Prints the reference page (Markdown)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? Done_ : WrongUsage;
  }
  if (reference->parsed()) {
    fmt::print("{}", referencePage(optionsPage(commands)));
    return Done_;
  }
  for (const Command &command : commands)
    if (command.app->parsed()) return command.action();
  return WrongUsage;
}

} // namespace
} // namespace packetarium::cli

int main(int argc, char **argv) {
  using namespace packetarium::cli;
  std::signal(SIGINT, onInterrupt);
  std::signal(SIGTERM, onInterrupt);
  try {
    return dispatch(argc, argv);
  } catch (const std::bad_alloc &) {
    fmt::print(stderr, "There is not enough memory for this.\n");
  } catch (const std::exception &error) {
    fmt::print(stderr, "This should not have happened: {}. Please report it.\n", error.what());
  }
  return InputAtFault;
}
