package import Glibc

/// Where a project's socket lies: `$XDG_RUNTIME_DIR/cairn/<hash>.sock`.
///
/// Two terminals of one person may know different runtime folders, so whoever looks for a run tries
/// every place in which it could listen, and whoever listens takes the first that can be used.
package struct SocketPlace: Sendable, Equatable {
  /// What `sun_path` holds beside its end.
  package static let maximumPathBytes = 107

  package let folder: String
  package let path: String
  /// Where the folder is made; it must belong to us, or be the shared `/tmp`.
  private let parent: String

  private init(parent: String, folder: String, name: String) {
    self.parent = parent
    self.folder = folder
    path = folder + "/" + name
  }

  /// Returns the places of a project, the preferred one first; those with too long a path are left out.
  ///
  /// `project` is absolute and without symbolic links, `runtimeFolder` the value of
  /// `XDG_RUNTIME_DIR`, of which only an absolute path counts; in `temporaryFolder` everybody may
  /// make folders.
  package static func candidates(
    project: String, runtimeFolder: String?, user: uid_t = geteuid(),
    temporaryFolder: String = "/tmp"
  ) -> [SocketPlace] {
    let name = hash(project) + ".sock"
    var parents = ["/run/user/\(user)"]
    if let runtimeFolder, runtimeFolder.hasPrefix("/"), runtimeFolder != parents[0] {
      parents.insert(runtimeFolder, at: 0)
    }
    let places = parents.map { SocketPlace(parent: $0, folder: $0 + "/cairn", name: name) }
    let shared = SocketPlace(
      parent: temporaryFolder, folder: temporaryFolder + "/cairn-\(user)", name: name)
    return (places + [shared]).filter { $0.path.utf8.count <= maximumPathBytes }
  }

  /// FNV-1a, 64 bits, of the path's bytes; what answers at the socket says its project in full.
  static func hash(_ path: String) -> String {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in path.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The path without symbolic links, or as it is if it leads nowhere.
  package static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}

extension SocketPlace {
  /// Makes the folder, for us alone.
  ///
  /// - Throws: `RemoteProblem` when it is a link, somebody else's, or cannot be made.
  func prepare() throws(RemoteProblem) {
    try checkParent()
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw RemoteProblem(.system, "cannot make \"\(folder)\": \(Socket.reason(errno))")
    }
    try check(closing: true)
  }

  /// Refuses a folder that somebody else could have put there.
  func check() throws(RemoteProblem) { try check(closing: false) }

  private func check(closing: Bool) throws(RemoteProblem) {
    let opened = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard opened >= 0 else {
      let number = errno
      throw number == ENOENT
        ? RemoteProblem(.absent, "there is no \"\(folder)\"")
        : RemoteProblem(.notAllowed, "\"\(folder)\" is no folder of ours: \(Socket.reason(number))")
    }
    defer { close(opened) }
    var status = stat()
    guard fstat(opened, &status) == 0, status.st_uid == geteuid() else {
      throw RemoteProblem(.notAllowed, "\"\(folder)\" belongs to somebody else")
    }
    guard status.st_mode & 0o077 != 0 else { return }
    guard closing, fchmod(opened, 0o700) == 0 else {
      throw RemoteProblem(.notAllowed, "\"\(folder)\" is open to others")
    }
  }

  /// In a folder that others own they could swap ours; in a sticky one they cannot.
  private func checkParent() throws(RemoteProblem) {
    var status = stat()
    guard stat(parent, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw RemoteProblem(.absent, "there is no folder \"\(parent)\"")
    }
    let isShared = status.st_mode & 0o1000 != 0 && status.st_uid == 0
    let isOurs = status.st_uid == geteuid() && status.st_mode & 0o022 == 0
    guard isShared || isOurs else {
      throw RemoteProblem(.notAllowed, "\"\(parent)\" is not ours alone")
    }
  }
}

extension SocketPlace {
  /// A socket that listens here.
  ///
  /// Only the holder of the project's lock may call this: whatever lies at the path is then a dead
  /// Cairn's, and replaced in one step.
  func listen() throws(RemoteProblem) -> Socket {
    try prepare()
    let socket = try Socket.make()
    // The file gets the mode of the socket.
    fchmod(socket.descriptor, 0o600)
    let draft = String(path.dropLast("sock".count)) + "new"
    unlink(draft)
    guard socket.withAddress(draft, Glibc.bind) == 0, chmod(draft, 0o600) == 0,
      Glibc.listen(socket.descriptor, 64) == 0, rename(draft, path) == 0
    else {
      let number = errno
      unlink(draft)
      throw RemoteProblem(.system, "cannot listen at \"\(path)\": \(Socket.reason(number))")
    }
    return socket
  }

  /// A socket connected to who listens here; refused unless that is a process of ours.
  func connect() throws(RemoteProblem) -> Socket {
    try check()
    let socket = try Socket.make()
    guard socket.withAddress(path, Glibc.connect) == 0 else {
      let number = errno
      let isAbsent = [ENOENT, ECONNREFUSED].contains(number)
      throw RemoteProblem(
        isAbsent ? .absent : number == EAGAIN ? .busy : .system,
        "cannot connect to \"\(path)\": \(Socket.reason(number))")
    }
    guard socket.peer?.user == geteuid() else {
      throw RemoteProblem(.notAllowed, "\"\(path)\" is answered by somebody else")
    }
    return socket
  }

  func remove() { unlink(path) }
}
