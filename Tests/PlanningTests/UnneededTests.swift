import Model
import Testing

@testable import Planning

@Suite("What nobody needs")
struct UnneededTests {
  private func key(_ number: Int) -> RunState.ArtifactKey {
    RunState.ArtifactKey(task: TaskID(number), name: "out")
  }

  private func unneeded(_ sizes: [Int64], dropsEagerly: Bool = false) -> Unneeded {
    var unneeded = Unneeded(dropsEagerly: dropsEagerly)
    for (number, bytes) in sizes.enumerated() { unneeded.add(key(number), bytes) }
    return unneeded
  }

  @Test("the eager ask at once, the others only when room is needed")
  func eager() {
    var eager = unneeded([5, 7], dropsEagerly: true)
    #expect(eager.isDropping && eager.bytes == 12)
    #expect(eager.takeDropped() == [key(0), key(1)])
    #expect(eager.takeDropped().isEmpty)
    var patient = unneeded([5, 7])
    #expect(!patient.isDropping && patient.bytes == 12)
    #expect(patient.takeDropped().isEmpty)
  }

  @Test("the oldest go first, and no more than it takes with what leaves already")
  func room() {
    var unneeded = unneeded([5, 7, 9, 2])
    unneeded.makeRoom(6)
    #expect(unneeded.takeDropped() == [key(0), key(1)])
    unneeded.makeRoom(12)
    #expect(unneeded.takeDropped().isEmpty)
    unneeded.makeRoom(13)
    #expect(unneeded.takeDropped() == [key(2)])
    unneeded.makeRoom(1_000)
    #expect(unneeded.takeDropped() == [key(3)])
  }

  @Test("bytes count until they are gone, and for ever if they stay")
  func gone() {
    var unneeded = unneeded([5, 7, 9])
    unneeded.makeRoom(12)
    #expect(unneeded.bytes == 21)
    unneeded.gone(key(0), isDeleted: true)
    #expect(unneeded.bytes == 16 && unneeded.isDropping)
    unneeded.gone(key(1), isDeleted: false)
    #expect(unneeded.bytes == 16 && !unneeded.isDropping)
    unneeded.gone(key(2), isDeleted: false)
    #expect(unneeded.bytes == 16)
    unneeded.gone(key(2), isDeleted: true)
    #expect(unneeded.bytes == 7)
  }

  @Test("what somebody else deletes counts once")
  func elsewhere() {
    var unneeded = unneeded([5])
    unneeded.leaves(key(0), 50)
    unneeded.leaves(key(1), 7)
    unneeded.leaves(key(1), 7)
    #expect(unneeded.bytes == 12 && unneeded.isDropping)
    #expect(unneeded.takeDropped().isEmpty)
    unneeded.gone(key(0), isDeleted: true)
    unneeded.gone(key(1), isDeleted: true)
    #expect(unneeded.bytes == 0 && !unneeded.isDropping)
  }
}
