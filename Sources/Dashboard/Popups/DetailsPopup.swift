package import Canvas
import Model

/// All about one task or group, in tabs: overview, output, dependencies, environment, history.
package struct DetailsPopup: PopupContent {
  package var item: Item
  package var tab = 0

  package init(item: Item) { self.item = item }

  package var keyContext: KeyContext { .details }

  package func opening(in context: DashboardContext) -> [Effect] { [] }

  package mutating func update(
    _ key: Key, _ action: Action?, in context: DashboardContext
  ) -> PopupResult {
    action == .close ? .close() : PopupResult(.pass)
  }

  package func draw(on frame: inout Frame, state: DashboardState) {
    _ = frame.window(columns: 84, rows: 22, title: state.name(of: item), state: state)
  }
}
