/// Tells points that say what to do from those that say what something is.
enum OutlineVerbs {
  /// Whether a list is steps, each of them work of its own, and not the description of one piece of work.
  ///
  /// It is when its points have boxes to check or numbers, or points of their own, or when at least half of
  /// them begin with a verb: `Add a cache`, but not `Caching` and not `Provides a cache`. One point alone
  /// divides nothing.
  static func areSteps(_ points: [Outline.Node]) -> Bool {
    if points.contains(where: { $0.point?.isChecked != nil }) { return true }
    guard points.count > 1 else { return false }
    if points.allSatisfy({ $0.point?.number != nil }) { return true }
    if points.contains(where: { !$0.children.isEmpty }) { return true }
    return points.count { saysWhatToDo($0.text) } * 2 >= points.count
  }

  static func saysWhatToDo(_ text: String) -> Bool {
    let words = text.plainMarkup.words
    guard let first = words.first else { return false }
    return verbs.contains(first)
  }

  private static let verbs = Set(
    """
    add adjust adopt allow analyze apply assess assign audit automate avoid benchmark bootstrap
    bring build bundle buy cache call capture change check choose clarify clean clear close
    collect combine commit compare compile complete compute configure confirm connect consider
    consolidate convert cook copy cover create cut debug decide declare decouple define delete
    deliver deploy deprecate derive describe design detect determine develop dig disable discover
    display distribute document draft draw drop edit eliminate embed emit enable encode encrypt
    enforce enhance ensure establish estimate evaluate execute expand explore export expose
    extend extract fetch fill filter finalize find finish fix fly format gather generate give
    group grow guard handle harden hide host identify implement import improve include increase
    index initialize inject inspect install instrument integrate introduce inventory investigate
    invoke isolate keep launch lay learn let limit link lint list listen load localize lock log
    maintain make manage map mark measure merge migrate minimize mix mock model modify monitor
    move name normalize notify obtain offer open optimize order organize outline package paginate
    paint parse patch perform persist pick pin place plan play polish port pour prepare present
    preserve prevent print process profile protect prototype prove provide provision prune
    publish pull push put query queue raise rate read rebuild recommend record recover redesign
    reduce refactor refine register release reload remove rename render reorganize replace report
    request require research resize resolve restore restrict restructure retry return reuse
    review revise rework rewrite roll rotate route run sanitize save scaffold scale scan schedule
    seed select send separate serve set setup sew share ship show sign simplify simulate sketch
    sort specify spike spin split stage standardize start stop store stream strip structure study
    style submit support swap switch sync synchronize tag take teach tell test throttle tidy tie
    track train transform translate trigger trim tune turn unify update upgrade upload use
    validate verify version visualize walk wash watch wire wrap write
    """.split(whereSeparator: \.isWhitespace).map(String.init))
}
