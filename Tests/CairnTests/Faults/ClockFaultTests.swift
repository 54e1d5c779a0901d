import Foundation
import Model
import Testing

/// A wall clock that jumps while the run goes on; what is counted is counted by one that never does.
@Suite(.timeLimit(.minutes(15)))
struct ClockFaultTests {
  /// Stands between a program and the wall clock, and leaves every other clock alone.
  ///
  /// libfaketime would be at hand in Debian, but it also moves the timers of the monotonic clock.
  private static let shim = """
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <stdlib.h>
    #include <sys/syscall.h>
    #include <sys/time.h>
    #include <time.h>
    #include <unistd.h>
    static long offset(void) {
      char text[32] = {0};
      int file = open(getenv("CLOCK_OFFSET"), O_RDONLY | O_CLOEXEC);
      if (file < 0) return 0;
      long count = read(file, text, sizeof text - 1);
      close(file);
      return count > 0 ? atol(text) : 0;
    }
    int clock_gettime(clockid_t clock, struct timespec *time) {
      int result = syscall(SYS_clock_gettime, clock, time);
      if (clock == CLOCK_REALTIME && result == 0) time->tv_sec += offset();
      return result;
    }
    int gettimeofday(struct timeval *restrict now, void *restrict zone) {
      struct timespec time;
      (void)zone;
      clock_gettime(CLOCK_REALTIME, &time);
      now->tv_sec = time.tv_sec;
      now->tv_usec = time.tv_nsec / 1000;
      return 0;
    }
    time_t time(time_t *store) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      if (store) *store = now.tv_sec;
      return now.tv_sec;
    }
    """

  @Test(
    "a jump of the clock ends no task early and keeps none too long",
    arguments: [-3600, 3600, 315_360_000])
  func jump(offset: Int) async throws {
    let project = try TemporaryProject(
      """
      tasks:
        patient: { run: 'touch started; while ! test -e jumped; do sleep 0.02; done', timeout: 10m }
        hasty: { after: [patient], run: sleep 600, timeout: 500ms }
      """)
    try project.write(Self.shim, to: "../out/shim.c")
    try project.shell("clang -shared -fPIC -o ../out/shim.so ../out/shim.c")
    try project.write("0", to: "../out/offset")
    let run = try CairnBinary.start(
      ["run", "--json"], in: project,
      environment: [
        "LD_PRELOAD": project.besides + "/shim.so", "CLOCK_OFFSET": project.besides + "/offset",
      ])
    try await poll("the first task") { project.exists("started") ? true : nil }
    try project.write("\(offset)", to: "../out/offset")
    try project.write("", to: "jumped")
    let ended = await run.finished()
    #expect(ended.status == 1, "\(ended.errors)")
    let lines = try FactLines(ended.output)
    #expect(lines.status("patient")?.state == .done)
    #expect(lines.status("hasty")?.lastAttempt?.outcome?.class == .timeout)
    let walls = lines.facts.map { Double($0.wallTime) / 1e9 }
    let moved = (walls.last ?? 0) - (walls.first ?? 0)
    #expect(abs(moved - Double(offset)) < 1800, "the wall clock did jump, by \(moved) s")
    let elapsed = lines.facts.map(\.elapsedSeconds)
    #expect(elapsed == elapsed.sorted(), "elapsed time never goes back")
    #expect((elapsed.last ?? 0) < 1800, "an hour that nobody waited for does not count")
  }
}
