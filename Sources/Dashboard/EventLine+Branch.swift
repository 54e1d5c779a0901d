import Model

extension EventLine {
  static func words(_ opened: Fact.BranchOpened) -> String {
    "branch \(opened.branch) begins at \(opened.commit.prefix(12))"
  }

  static func words(_ merged: Fact.BranchMerged, _ run: RunState) -> String {
    guard merged.files > 0 else { return "changed no file" }
    let files = "\(merged.files) file\(merged.files == 1 ? "" : "s")"
    return "merged \(files) into \(run.branch?.name ?? "the run's branch")"
  }
}

extension Fact.Notice {
  /// That a branch is ready is good news; all others are of something that went otherwise.
  var sign: EventLine.Sign { code == Code.branchReady.rawValue ? .information : .warning }
}
