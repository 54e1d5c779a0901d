import Model
import Planning

// Worktrees stay warm between two attempts, and count as what lies in the workspace. They go when
// their room is needed.
extension Engine {
  /// Says what earlier sessions left.
  func tellWorktrees() {
    let known = Set(history.state.worktrees.keys).union(context.worktrees.keys)
    for slot in known.sorted() {
      let kept = context.worktrees[slot]
      let earlier = kept?.task.flatMap { graph.task(named: $0)?.id }
      let task = history.state.worktrees[slot]?.task ?? earlier
      keep(kept?.bytes ?? 0, in: slot, task, reason: "it was deleted between two sessions")
    }
  }

  /// The worktree of a slot has so many bytes now.
  func keep(_ bytes: Int64, in slot: Int, _ task: TaskID?, reason: String? = nil) {
    schedule.keep(bytes, in: slot, by: task)
    guard bytes != history.state.worktrees[slot]?.bytes ?? 0 else { return }
    record(
      .slotKept(
        Fact.SlotKept(slot: slot, task: task, bytes: bytes, reason: bytes == 0 ? reason : nil)))
  }

  /// An attempt has a worktree of that many bytes, none of which it has written.
  func noteWorktree(_ bytes: Int64, of task: TaskID) {
    guard bytes > 0, let slot = attempts[task]?.place.slot else { return }
    keep(bytes, in: slot, task)
    attempts[task]?.grown[""] = bytes
    attempts[task]?.grownSeconds = now
    _ = schedule.grow(RunState.ArtifactKey(task: task, name: ""), to: bytes)
  }

  func cool(_ slot: Int) {
    effects.append(
      .job(lane: slot) { [artifacts, weak self] in
        var problem: WorkspaceProblem?
        do throws(WorkspaceProblem) { try artifacts.removeWorktree(slot) } catch { problem = error }
        self?.post(.cooled(slot: slot, problem))
      })
  }

  func cooled(_ slot: Int, _ problem: WorkspaceProblem?) {
    guard let problem else {
      return keep(0, in: slot, nil, reason: "its room in the workspace was needed")
    }
    schedule.staysWarm(slot)
    record(.notice(Fact.Notice(.planStepFailed, problem.description)))
  }
}
