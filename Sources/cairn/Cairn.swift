import ArgumentParser
import Execution
import Foundation
import Terminal

@main
struct Cairn: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "cairn",
    abstract: "Runs a graph of tasks and shows the whole run live.",
    discussion: """
      FILE is a cairn.yaml, a Task Master tasks.json, or a folder that holds one; without it the \
      project is looked for in this folder and upwards.

      Exit codes: 0 all done, 1 a task failed or a request was refused, 2 stopped or stalled (can \
      be resumed), 3 the budget cannot be met, 64 usage, 65 bad file, 66 missing input, 69 nothing runs or answers here, 70 a fault of Cairn, 74 I/O or journal, 75 locked by another \
      Cairn, 77 not allowed, 78 bad or unbuilt configuration.
      """,
    version: version,
    subcommands: [
      InitCommand.self, RunCommand.self, SimulateCommand.self,
      ResumeCommand.self, AttachCommand.self,
      AutonomyCommand.self,
      StatusCommand.self, HoldCommand.self, ContinueCommand.self, StepCommand.self,
      PauseCommand.self, UnpauseCommand.self, FreezeCommand.self, ThawCommand.self,
      StopCommand.self, SignalCommand.self, RetryCommand.self, SkipCommand.self,
      ApproveCommand.self, RejectCommand.self, AnswerCommand.self,
      ListCommand.self, ShowCommand.self, NextCommand.self, SetStatusCommand.self, TagsCommand.self,
      AddTaskCommand.self, AddDependencyCommand.self, RemoveDependencyCommand.self,
      ValidateDependenciesCommand.self, UpdateSubtaskCommand.self, ComplexityReportCommand.self,
      TaskMasterTopic.self,
      LogsCommand.self, ReplayCommand.self,
      GraphCommand.self, PlanCommand.self, WorkspaceCommand.self,
      DecomposeCommand.self, ParsePRDCommand.self, ExpandCommand.self,
      AnalyzeComplexityCommand.self,
      CompletionsCommand.self, KeysCommand.self, BenchCommand.self, DoctorCommand.self,
      DashboardCommand.self,
    ],
    defaultSubcommand: DashboardCommand.self)

  static func main() async {
    Terminal.disableInteractiveBacktrace()
    do {
      try AddressSpace.prepare(cores: ProcessInfo.processInfo.activeProcessorCount)
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      leave(after: error)
    }
  }
}
