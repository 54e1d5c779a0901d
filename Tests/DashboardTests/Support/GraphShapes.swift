import Model

extension TaskGraph {
  static let diamond: TaskGraph = {
    var script = GraphScript("diamond")
    script.task("fetch")
    script.task("left", needs: ["fetch"])
    script.task("right", needs: ["fetch"])
    script.task("join", needs: ["left", "right"])
    return script.graph
  }()

  /// A source, three stages of 24 shards each, a join.
  static let shards: TaskGraph = {
    var script = GraphScript("shards")
    script.task("split")
    let stages = ["map", "sort", "pack"].map { ($0, script.group($0)) }
    for (stage, (name, group)) in stages.enumerated() {
      for n in 0..<24 {
        let need = stage == 0 ? "split" : "\(stages[stage - 1].0)[n=\(n)]"
        script.task("\(name)[n=\(n)]", needs: [need], group: group)
      }
    }
    script.task("join", needs: (0..<24).map { "pack[n=\($0)]" })
    return script.graph
  }()

  /// Stages of about ten tasks, each with one to three needs in the two stages before; the same seed,
  /// the same graph.
  static func staged(_ count: Int, seed: UInt64) -> TaskGraph {
    var random = SplitMix(seed)
    var script = GraphScript("staged-\(count)")
    for n in 0..<count { script.task("job-\(n)") }
    for n in 10..<count {
      let first = max(0, (n / 10 - 2) * 10)
      let last = (n / 10) * 10
      let needs = (0...Int(random.next() % 3)).map { _ in
        first + Int(random.next() % UInt64(last - first))
      }
      script.edit(n, needs)
    }
    return script.graph
  }

  /// A mosaic of the sky as Montage makes one of three bands: as many tasks of each kind as the instance
  /// `montage-chameleon-dss-05d` of WfCommons has.
  static let montage: TaskGraph = {
    var script = GraphScript("montage-58")
    for band in ["r", "b", "v"] { script.band(band) }
    script.task("mViewer_all", needs: ["mAdd_r", "mAdd_b", "mAdd_v"])
    return script.graph
  }()

  /// A quantification of RNA of five samples: ranks, kinds and their numbers as in the instance
  /// `rnaseq-dirt02` of WfCommons, with the kinds' names shortened.
  static let rnaseq: TaskGraph = {
    var script = GraphScript("rnaseq")
    for name in ["gunzip_gtf", "gunzip_fasta", "untar_salmon"] { script.task(name) }
    script.task("cat_fasta", needs: ["gunzip_fasta"])
    for (name, need) in [
      ("bbmap_index", "cat_fasta"), ("star_index", "cat_fasta"),
      ("gtf2bed", "gunzip_gtf"), ("sizes", "cat_fasta"),
    ] {
      script.task(name, needs: [need])
    }
    for sample in 1...5 { script.sample("s\(sample)") }
    for step in ["salmon", "star_salmon"] { script.summary(of: step) }
    let ends = script.graph.tasks.map(\.name).filter { !script.isNeeded($0) }
    script.task("multiqc", needs: ends)
    return script.graph
  }()
}

extension GraphScript {
  fileprivate mutating func band(_ band: String) {
    let images = (0..<4).map { "mProject_\(band)\($0)" }
    for image in images { task(image) }
    let pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    for (one, other) in pairs {
      task("mDiffFit_\(band)\(one)\(other)", needs: [images[one], images[other]])
    }
    task("mConcatFit_\(band)", needs: pairs.map { "mDiffFit_\(band)\($0)\($1)" })
    task("mBgModel_\(band)", needs: ["mConcatFit_\(band)"])
    for n in 0..<4 {
      task("mBackground_\(band)\(n)", needs: [images[n], "mBgModel_\(band)"])
    }
    let backgrounds = (0..<4).map { "mBackground_\(band)\($0)" }
    task("mImgtbl_\(band)", needs: backgrounds)
    task("mAdd_\(band)", needs: backgrounds + ["mImgtbl_\(band)"])
    task("mViewer_\(band)", needs: ["mAdd_\(band)"])
  }

  /// Quality, alignment and everything that is counted on it, of one sample.
  fileprivate mutating func sample(_ sample: String) {
    let one = { (name: String) in "\(name)_\(sample)" }
    task(one("fastqc"))
    task(one("trim"), needs: [one("fastqc")])
    task(one("bbsplit"), needs: [one("trim"), "bbmap_index"])
    task(one("salmon"), needs: [one("bbsplit"), "untar_salmon"])
    task(one("star"), needs: [one("bbsplit"), "star_index"])
    task(one("sort"), needs: [one("star")])
    task(one("star_salmon"), needs: [one("star")])
    task(one("index"), needs: [one("sort")])
    task(one("markdup"), needs: [one("sort")])
    for check in ["stats", "flagstat", "idxstats"] {
      task(one(check), needs: [one("sort"), one("index")])
    }
    for use in ["infer", "inner", "junction", "saturation", "readdist", "readdup", "bamstat"] {
      task(one(use), needs: [one("markdup"), "gtf2bed"])
    }
    for use in ["dupradar", "qualimap", "stringtie", "featurecounts"] {
      task(one(use), needs: [one("markdup"), "gunzip_gtf"])
    }
    task(one("biotype"), needs: [one("featurecounts")])
    task(one("genomecov"), needs: [one("markdup")])
    for strand in ["fwd", "rev"] {
      task(one("clip_\(strand)"), needs: [one("genomecov"), "sizes"])
      task(one("bigwig_\(strand)"), needs: [one("clip_\(strand)"), "sizes"])
    }
    task(one("index2"), needs: [one("markdup")])
    for check in ["stats2", "flagstat2", "idxstats2"] {
      task(one(check), needs: [one("markdup"), one("index2")])
    }
  }

  fileprivate mutating func summary(of step: String) {
    task("\(step)_tx2gene", needs: (1...5).map { "\(step)_s\($0)" })
    task("\(step)_tximport", needs: ["\(step)_tx2gene"])
    task("\(step)_deseq2", needs: ["\(step)_tximport"])
    for table in ["gene", "scaled", "length", "transcript"] {
      task("\(step)_se_\(table)", needs: ["\(step)_tximport"])
    }
  }

  fileprivate func isNeeded(_ name: String) -> Bool {
    guard let id = graph.task(named: name)?.id else { return false }
    return graph.tasks.contains { $0.needs.contains { $0.task == id } }
  }
}
