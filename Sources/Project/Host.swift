import Foundation
package import Model

extension Fact.Host {
  /// Describes this machine, with the free bytes of the file system that holds `folder`.
  package static func current(folder: String) -> Fact.Host {
    let process = ProcessInfo.processInfo
    let system = try? FileManager.default.attributesOfFileSystem(forPath: folder)
    return Fact.Host(
      name: process.hostName, cores: process.activeProcessorCount,
      memoryBytes: Int64(clamping: process.physicalMemory),
      diskFreeBytes: (system?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0)
  }
}

extension Actor {
  /// The person at this terminal, as `ana@pts/3`.
  package static func person(source: String) -> Actor {
    let tty = ttyname(STDIN_FILENO).map { String(cString: $0) } ?? "no tty"
    let place = tty.hasPrefix("/dev/") ? String(tty.dropFirst(5)) : tty
    return Actor(kind: .person, name: "\(NSUserName())@\(place)", source: source)
  }
}
