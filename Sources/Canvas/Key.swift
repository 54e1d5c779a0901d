/// One event of the keyboard or the terminal, decoded.
package enum Key: Sendable, Hashable {
  case character(Character)
  /// Control and a lower-case letter or one of `[\]^_`, as in `.control("c")`.
  case control(Character)
  case alt(Character)
  case enter, tab, backTab, escape, backspace, delete, insert
  case up, down, left, right, home, end, pageUp, pageDown
  case function(Int)
  /// Pasted text; never triggers keys.
  case paste(String)
  /// The terminal window got or lost the focus.
  case focus(Bool)
  case mouse(MouseEvent)
}
