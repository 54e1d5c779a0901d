import ArgumentParser

@main
struct Cairn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "cairn")
}
