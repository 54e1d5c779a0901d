import Glibc
import Model
import Testing

@testable import Execution

/// What a run makes of a loan on a real disk; the borrower works in this process.
@Suite("artifacts that a run lends") struct WorkspaceLendTests {
  let scene: SpillScene
  private let lock: ProjectLock

  init() throws {
    scene = try SpillScene(TemporaryFolder())
    lock = try ProjectLock(scene.workspace.layout)
  }

  private static let bytes = 300_000

  /// `sort.out` is lent for the proof of two others.
  private func request(hasCopy: Bool = false) throws -> LoanRequest {
    let text = String(repeating: "0123456789", count: Self.bytes / 10)
    let fact = try scene.seal(text)
    if hasCopy {
      try scene.spill(fact)
      try scene.restore(fact)
    }
    let proved = try (8...9).map { number in
      var task = TaskGraph.Task(id: TaskID(number), name: "p\(number)", action: .gate)
      task.outputs = [TaskGraph.Output(name: "out")]
      let place = AttemptPlace(task: task, attempt: 1, slot: 0, needed: [])
      _ = try scene.workspace.prepare(place)
      try scene.folder.write(
        "project/.cairn/workspace/3/\(number)-p\(number)/out.1.part/x", text + "\(number)")
      let digest = try #require(try scene.workspace.seal(place).first).digest
      return KnownArtifact(task: task, name: "out", digest: digest)
    }
    return LoanRequest(
      lent: KnownArtifact(task: scene.task, name: "out", digest: fact.digest), hasCopy: hasCopy,
      proved: proved, provedBytes: 2 * Int64(Self.bytes), leash: BorrowerLeash())
  }

  private func lend(
    _ loan: LoanRequest,
    before: @escaping @Sendable () -> Void = {}, dies: Bool = false
  ) -> LoanEnd {
    var workspace = scene.workspace
    let lock = lock
    workspace.borrow = { order, _, _ throws(WorkspaceProblem) in
      before()
      if dies { throw WorkspaceProblem("the borrower ended with status 9: it said nothing") }
      _ = try lock.lend { descriptor throws(WorkspaceProblem) in
        try LoanKernel.carryOut(order, holding: descriptor)
      }
    }
    return workspace.lend(loan)
  }

  private func harm(_ name: String) -> @Sendable () -> Void {
    let path = scene.path(name)
    return {
      chmod(path, 0o644)
      let file = open(path, O_WRONLY | O_CLOEXEC)
      _ = pwrite(file, "?", 1, 1_000)
      close(file)
    }
  }

  private static let piece = "project/.cairn/workspace/3/8-p8/out"

  @Test("what is lent is given back with its rights, and known to be proved")
  func exact() throws {
    let loan = try request()
    #expect(scene.workspace.lendable([loan.lent, loan.proved[0]], bytes: 131_072) == [true, true])
    #expect(scene.workspace.lendable([loan.lent], bytes: 2 * Self.bytes) == [false])
    #expect(lend(loan) == LoanEnd())
    #expect(scene.digest(scene.original) == loan.lent.digest)
    #expect(scene.status(scene.original + "/file").st_mode & 0o7777 == 0o444)
    let path = scene.path(scene.original)
    #expect(scene.workspace.proofs.knows(path, try FileTree.look(path)))
  }

  @Test("what is not what was sealed is found, named and deleted; nothing was changed before that")
  func damaged() throws {
    let loan = try request()
    let end = lend(loan, before: harm(Self.piece + "/x"))
    #expect(end.damaged == [loan.proved[0].key] && end.lent == .exact)
    #expect(end.problem?.contains("8-p8/out\" is not what was sealed") == true, "\(end)")
    #expect(scene.folder.names("project/.cairn/workspace/3/8-p8") == [])
    #expect(scene.digest("project/.cairn/workspace/3/9-p9/out") == loan.proved[1].digest)
  }

  @Test("a borrower that dies has damaged nothing by that")
  func dies() throws {
    let loan = try request()
    let end = lend(loan, dies: true)
    #expect(end.lent == .exact && end.damaged == [])
    #expect(end.problem == "the borrower ended with status 9: it said nothing")
  }

  @Test("what is not given back as it was is deleted, or its copy takes its place")
  func lost() throws {
    for hasCopy in [false, true] {
      let loan = try request(hasCopy: hasCopy)
      let end = lend(loan, before: harm(scene.original + "/file"), dies: true)
      if hasCopy {
        #expect(scene.digest(scene.original) == loan.lent.digest)
        let bytes = try FileTree.measure(scene.path(scene.original)).bytes
        #expect(end.lent == .restored(bytes))
      } else {
        #expect(end.lent == .lost && scene.originals == [])
      }
    }
  }

  @Test("without anybody who borrows nothing is touched")
  func nobody() throws {
    let loan = try request()
    #expect(scene.workspace.lend(loan) == LoanEnd(problem: "nobody borrows here"))
    #expect(scene.digest(scene.original) == loan.lent.digest)
  }
}

/// What a borrower may take of time, and who ends it.
@Suite("a borrower's time") struct BorrowerTimeTests {
  @Test("grows with what is read, and is bounded with that")
  func seconds() {
    #expect(Lender.seconds(for: 0) == 30)
    #expect(Lender.seconds(for: 256 << 20) == 30 + 160)
  }

  private static func sleep(
    within seconds: Double?, on leash: BorrowerLeash = BorrowerLeash()
  ) throws -> BorrowerProcess.Ending {
    let folder = try TemporaryFolder()
    return try BorrowerProcess.run(
      ["1000"], environment: [], order: Array("order".utf8),
      holding: try ProjectLock(WorkspaceLayout(root: folder.path)), within: seconds, on: leash,
      program: "/bin/sleep")
  }

  @Test("one that hangs is killed when its time is over")
  func late() throws {
    let ending = try Self.sleep(within: 0.01)
    #expect(ending.isLate && ending.status == SIGKILL && !ending.isSuccess)
  }

  @Test("a leash ends whoever is on it, and whoever comes when it was cut")
  func leash() throws {
    let leash = BorrowerLeash()
    try OwnThread.start("cut") { leash.cut() }
    for _ in 1...2 {
      let ending = try Self.sleep(within: nil, on: leash)
      #expect(!ending.isLate && ending.status == SIGKILL)
    }
    #expect(leash.isCut)
  }
}
