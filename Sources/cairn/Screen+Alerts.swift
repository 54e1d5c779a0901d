import Dashboard
import Terminal

// What is told outside the picture.
extension Screen {
  func tell(_ alert: Alert) {
    loop.tell(
      look.notify == .bell ? .bell : .notification(title: alert.title, body: alert.body))
  }

  func tell(_ progress: RunProgress?) {
    guard look.notify == .desktop else { return }
    loop.tell(.progress(progress.map { TaskbarProgress($0.look.inTaskbar, percent: $0.percent) }))
  }
}

extension RunProgress.Look {
  fileprivate var inTaskbar: TaskbarProgress.Look {
    switch self {
    case .normal: .normal
    case .failed: .failed
    case .held: .paused
    }
  }
}

extension Look {
  /// What the terminal may be told; inside tmux as far as tmux passes it on.
  func abilities(type: String, environment: [String: String]) -> TerminalAbilities {
    var abilities = TerminalAbilities(type: type, environment: environment)
    if abilities.isTmux, notify == .desktop, let outer = Tmux.outerTerminal() {
      abilities.notification = TerminalAbilities(type: outer, environment: [:]).notification
    }
    return abilities
  }
}
