import CSpawn
import GRDB
import Glibc

/// What this machine offers to whoever runs processes, asked of the kernel itself.
///
/// Version numbers do not tell: a container's filter may refuse what its kernel knows.
package struct MachineSurvey: Sendable, Equatable {
  /// As in `6.18.44`.
  package var kernel = ""
  /// Empty where the kernel lets us.
  package var pidfd = Refusal?.none
  package var clone3 = Refusal?.none
  package var closeRange = Refusal?.none
  package var epoll = Refusal?.none
  package var pidNamespace = Refusal?.none
  package var userNamespace = Refusal?.none
  package var cgroup: Cgroup?
  package var memory = MemoryLimit.refused("nobody asked")
  /// What a run started now would be kept together by; nil if no process could be started at all.
  package var containment: Containment?
  package var openFiles = Limit()
  package var processes = Limit()
  package var isRoot = false
  package var sqlite = ""

  /// Why not, in the system's words.
  package struct Refusal: Sendable, Equatable {
    package var reason: String

    package init(_ reason: String) { self.reason = reason }
  }

  /// What holds an attempt to the memory that its task declares.
  package enum MemoryLimit: Sendable, Equatable {
    /// A cgroup of its own, of this version, made in this folder.
    case cgroup(version: Int, folder: String)
    /// Nothing, and why.
    case refused(String)
  }

  /// A limit of the process; nil is none.
  package struct Limit: Sendable, Equatable {
    package var soft: UInt64?
    package var hard: UInt64?

    package init(soft: UInt64? = nil, hard: UInt64? = nil) {
      self.soft = soft
      self.hard = hard
    }
  }

  /// This process's group in the unified hierarchy (cgroup v2).
  package struct Cgroup: Sendable, Equatable {
    package var path: String
    /// Groups can be made below it.
    package var isDelegated: Bool
    package var controllers: [String]
    package var hasKill: Bool

    package init(path: String, isDelegated: Bool, controllers: [String], hasKill: Bool) {
      self.path = path
      self.isDelegated = isDelegated
      self.controllers = controllers
      self.hasKill = hasKill
    }
  }

  package init() {}
}

extension MachineSurvey {
  /// Asks the machine; changes nothing on disk.
  package static func take() -> MachineSurvey {
    var survey = MachineSurvey()
    survey.kernel = release()
    survey.pidfd = refusal(cairn_probe_pidfd())
    survey.clone3 = refusal(cairn_probe_clone3())
    survey.closeRange = refusal(cairn_probe_close_range())
    survey.epoll = refusal(cairn_probe_epoll())
    survey.pidNamespace = refusal(cairn_probe_pid_namespace())
    survey.userNamespace = refusal(cairn_probe_user_namespace())
    survey.cgroup = ownCgroup()
    survey.memory = memoryLimit()
    survey.containment = (try? ProcessExecutor())?.containment
    survey.openFiles = limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue))
    survey.processes = limit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue))
    survey.isRoot = geteuid() == 0
    survey.sqlite = sqliteVersion()
    return survey
  }

  private static func refusal(_ number: Int32) -> Refusal? {
    number == 0 ? nil : Refusal(systemReason(number))
  }

  private static func release() -> String {
    var name = utsname()
    guard uname(&name) == 0 else { return "" }
    return withUnsafeBytes(of: &name.release) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  private static func limit(_ resource: __rlimit_resource_t) -> Limit {
    var found = rlimit()
    guard getrlimit(resource, &found) == 0 else { return Limit() }
    let none = rlim_t.max
    return Limit(
      soft: found.rlim_cur == none ? nil : UInt64(found.rlim_cur),
      hard: found.rlim_max == none ? nil : UInt64(found.rlim_max))
  }

  private static func sqliteVersion() -> String {
    let version = try? DatabaseQueue().read {
      try String.fetchOne($0, sql: "SELECT sqlite_version()")
    }
    return version.flatMap { $0 } ?? ""
  }
}

// MARK: cgroup

extension MachineSurvey {
  private static func memoryLimit() -> MemoryLimit {
    do throws(SpawnProblem) {
      let place = try MemoryGroups.find()
      return .cgroup(version: place.isUnified ? 2 : 1, folder: place.folder)
    } catch {
      return .refused(error.description)
    }
  }

  private static func ownCgroup() -> Cgroup? {
    guard let home = CgroupHome.unified() else { return nil }
    let path = home.path
    let controllers = lines(path + "/cgroup.controllers").first ?? ""
    return Cgroup(
      path: path,
      isDelegated: access(path, W_OK) == 0 && access(path + "/cgroup.procs", W_OK) == 0,
      controllers: controllers.split(separator: " ").map(String.init),
      // The root of the hierarchy has no such file, though groups below it would.
      hasKill: access(path + "/cgroup.kill", F_OK) == 0 || path == home.mount)
  }

  private static func lines(_ path: String) -> [String] {
    guard let bytes = ProcessTable.read(path, atMost: ProcessTable.maximumBytes) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
