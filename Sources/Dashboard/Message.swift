package import Canvas
package import Model
package import Planning

/// Everything that happens to the dashboard.
///
/// Nothing else changes it.
package enum Message: Sendable, Equatable {
  /// The next facts of the run, in order.
  case facts([Fact])
  case signals(Signals)
  /// What earlier runs of the project tell of the times of tasks; sent once at most.
  case earlier(EarlierRuns)
  /// The autonomy of earlier runs of the project; sent once at most.
  case autonomy(AutonomyHistory)
  case key(Key)
  /// The clocks now: nanoseconds since 1970, and the run's elapsed seconds where an engine is alive.
  ///
  /// Sent at most once a second while something runs, and in front of each batch of keys, so that
  /// times between keys can be told.
  case tick(wallTime: Int64, elapsedSeconds: Double?)
  case resized(Size)
  case logWindow(LogReference, LogWindow)
  /// What a search found; nil is nothing further in that direction.
  case found(LogReference, Int64?)
  case answer(Request, Answer)
  /// What became of something that the person asked of this program, in one line.
  case told(String)
  case graphLaid(GraphPicture)
  /// Where the replay stands.
  case replay(ReplayPace)
  /// The project's runs are known.
  case shelf(RunShelf)
  /// What follows is of this run, which is replayed if there is a pace.
  case turned(run: Int, ReplayPace?)
  /// The log has ended; nothing more will come.
  case ended
}

/// What the dashboard wants done; it does nothing itself.
package enum Effect: Sendable, Equatable {
  case send(Request)
  case readLog(LogReference, LogPosition)
  case find(String, LogReference, from: Int64, backwards: Bool)
  /// Lay the graph out, off the drawing thread; an older request is not wanted any more.
  case layGraph(GraphRequest)
  /// Leave the screen to another program, on the file of a log, or copy the file's path.
  case openLog(LogReference, with: LogViewer)
  case replay(ReplayMove)
  /// Show this run of the project, from its first fact on.
  case showRun(Int)
  /// Read the facts behind the newest that is folded: the replay went back.
  case reread
  case quit(QuitChoice)
  case suspend
  /// Put a text into the person's clipboard.
  case copy(String)
  /// Tell a person who looks elsewhere.
  case notify(Alert)
  /// The title of the terminal's window.
  case title(String)
  /// The entry in the taskbar; nil clears it.
  case progress(RunProgress?)
  /// Have the terminal report this of the mouse.
  case mouse(MouseMode)
  /// Draw every cell anew, also those that did not change.
  case repaint
}

/// What of the person's gets the file of a log; the clipboard gets its path.
package enum LogViewer: Sendable, Hashable { case pager, editor, clipboard }

/// How a person leaves.
package enum QuitChoice: Sendable, Hashable {
  /// Nothing runs; just leave.
  case leave
  /// Stop what runs, drain, leave; the run can be resumed.
  case stop
  /// Kill what runs, leave.
  case kill
  /// Leave the screen; the run goes on and its events come as plain lines.
  case goOn
}

/// What a row of the list or of the lanes stands for.
package enum Item: Sendable, Hashable {
  case task(TaskID)
  /// Index into `TaskGraph.groups`.
  case group(Int)
  /// Drawn as one chip of the graph view.
  case cluster(Cluster)
}

package enum Pane: Int, Sendable, Hashable, CaseIterable {
  case tasks = 1
  case chart = 2
  case gauges = 3
  case events = 4
  case output = 5
}

/// What the main area shows where there is room for one view only.
///
/// With more room the list has a pane of its own, and `t` goes through the others, the charts.
package enum MainView: String, Sendable, Hashable, CaseIterable {
  case list, lanes, graph, timeline

  /// The one that `t` leads to.
  func next(isListApart: Bool) -> MainView {
    let views = Self.allCases.filter { !isListApart || $0 != .list }
    guard let at = views.firstIndex(of: self) else { return views[0] }
    return views[(at + 1) % views.count]
  }
}

/// How much of a group shows.
package enum Fold: Int, Sendable, Hashable {
  /// One row.
  case closed
  /// The members that run, wait or failed.
  case active
  /// Every member.
  case open
}
