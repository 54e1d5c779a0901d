package import Execution

/// What the file system of `.cairn` means for runs.
package struct DoctorStorage {
  /// Below this share of free bytes a run is likely to meet a full disk.
  static let lowShare = 0.1
  /// Too little for a journal and its logs.
  static let leastBytes: Int64 = 16 << 20
  static let fewFiles: Int64 = 1000

  private let survey: StorageSurvey
  private let folder: String
  private let bytes: (Int64) -> String

  /// `bytes` writes a number of bytes for people.
  package init(_ survey: StorageSurvey, folder: String, bytes: @escaping (Int64) -> String) {
    self.survey = survey
    self.folder = folder
    self.bytes = bytes
  }

  package var diagnoses: [Diagnosis] { [fileSystem, access, space, holes] }

  private struct Kind {
    var name: String
    /// Other machines, or a program, stand behind it: SQLite's WAL needs shared memory and locks that
    /// these do not promise.
    var isRemote = false
    /// Parts of a file can be given back; nil where it depends on what is below.
    var punchesHoles: Bool?
  }

  /// By `f_type`, see statfs(2).
  private static let kinds: [UInt64: Kind] = [
    0xEF53: Kind(name: "ext4", punchesHoles: true),
    0x5846_5342: Kind(name: "xfs", punchesHoles: true),
    0x9123_683E: Kind(name: "btrfs", punchesHoles: true),
    0x0102_1994: Kind(name: "tmpfs", punchesHoles: true),
    0xF2F5_2010: Kind(name: "f2fs", punchesHoles: true),
    0xCA45_1A4E: Kind(name: "bcachefs", punchesHoles: true),
    0x2FC1_2FC1: Kind(name: "zfs", punchesHoles: true),
    0x794C_7630: Kind(name: "overlay"),
    0x8584_58F6: Kind(name: "ramfs", punchesHoles: false),
    0x4D44: Kind(name: "vfat", punchesHoles: false),
    0x2011_BAB0: Kind(name: "exfat", punchesHoles: false),
    0x6969: Kind(name: "NFS", isRemote: true),
    0xFF53_4D42: Kind(name: "CIFS", isRemote: true),
    0xFE53_4D42: Kind(name: "SMB2", isRemote: true),
    0x517B: Kind(name: "SMB", isRemote: true),
    0x0102_1997: Kind(name: "9p", isRemote: true),
    0x6573_5546: Kind(name: "FUSE or virtiofs", isRemote: true),
    0x00C3_6400: Kind(name: "Ceph", isRemote: true),
    0x5346_414F: Kind(name: "AFS", isRemote: true),
  ]

  private var kind: Kind {
    Self.kinds[survey.type] ?? Kind(name: "type 0x" + String(survey.type, radix: 16))
  }

  private var fileSystem: Diagnosis {
    guard kind.isRemote else { return .fine(.storage, "file system", "\(kind.name) at \(folder)") }
    return .warning(
      .storage, "file system",
      "\(kind.name) at \(folder): SQLite's WAL is not safe there, the journal could be damaged",
      do: "keep the project, or at least .cairn (a symbolic link will do), on a local disk")
  }

  private var access: Diagnosis {
    guard let refusal = survey.refusal else {
      return .fine(.storage, "rights", "\(folder) can be written")
    }
    return .problem(
      .storage, "rights", "\(folder) cannot be written: \(refusal)",
      do: "runs need it for .cairn; looking (status, list, logs) does not", .storage)
  }

  private var space: Diagnosis {
    let text = "\(bytes(survey.freeBytes)) free of \(bytes(survey.totalBytes))"
    if survey.freeBytes < Self.leastBytes {
      return .problem(
        .storage, "space", text, do: "a run would stop at once: make room", .storage)
    }
    if let files = survey.freeFiles, files < Self.fewFiles {
      return .warning(
        .storage, "space", "\(text), but only \(files) files can be made",
        do: "delete files that nobody needs")
    }
    if Double(survey.freeBytes) < Double(survey.totalBytes) * Self.lowShare {
      return .warning(
        .storage, "space", "\(text), less than a tenth",
        do: "make room: a run whose disk fills up has to wait or stop")
    }
    return .fine(.storage, "space", text)
  }

  private var holes: Diagnosis {
    let name = "punch hole"
    return switch kind.punchesHoles {
    case true?: .fine(.storage, name, "the middle of a long log can be given back")
    case false?:
      .warning(
        .storage, name, "\(kind.name) cannot give back parts of a file",
        do: "a log that is cut in the middle keeps its size here")
    case nil: .fine(.storage, name, "not known for \(kind.name)")
    }
  }
}
