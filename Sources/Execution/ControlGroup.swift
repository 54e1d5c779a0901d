import Glibc

/// A cgroup of the second version below Cairn's own, for the processes of one executor.
struct ControlGroup {
  let path: String
  /// The open folder.
  let folder: Int32

  /// - Throws: `SpawnProblem` that says why the machine delegates none.
  init() throws(SpawnProblem) {
    guard let home = CgroupHome.unified()?.path else {
      throw SpawnProblem("there is no cgroup of version 2")
    }
    for name in ["", "/cgroup.procs"] where access(home + name, W_OK) != 0 {
      throw SpawnProblem("cannot write \"\(home + name)\": \(systemReason())")
    }
    OwnCgroup.sweep(home)
    path = "\(home)/\(OwnCgroup.name())"
    guard mkdir(path, 0o755) == 0 else {
      throw SpawnProblem("cannot make \"\(path)\": \(systemReason())")
    }
    guard access(path + "/cgroup.kill", W_OK) == 0 else {
      rmdir(path)
      throw SpawnProblem("the kernel cannot kill a cgroup as a whole")
    }
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw SpawnProblem("cannot open \"\(path)\": \(systemReason())") }
  }

  /// Kills what lives in it and removes it; the guardian does so again when that takes a while.
  func remove() {
    _ = OwnCgroup.set(path + "/cgroup.kill", "1")
    close(folder)
    rmdir(path)
  }
}
