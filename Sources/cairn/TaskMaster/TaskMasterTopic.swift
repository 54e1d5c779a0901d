import ArgumentParser

/// `cairn help task-master`: what Cairn makes of Task Master's files, and where it differs on purpose.
struct TaskMasterTopic: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "task-master", abstract: "What Cairn does with Task Master projects.",
    discussion: """
      A folder with .taskmaster/tasks/tasks.json is a project. `cairn run` works it
      off; these verbs take Task Master's flags, and with -f json answer in its shape:

        list        -s --status a,b  --with-subtasks  --ready  --blocking
                    -c --compact  --all-tags  -t --tag; `list pending`, `list all`
                    -w --watch shows it again when the file changes, to Ctrl-C
        next
        show        5,5.2; -s chooses among subtasks
        set-status  5,5.2 done; --no-cascade leaves the tasks of subtasks
        add-task    --title T  --description D  --details  --priority
                    --dependencies 1,2; or --prompt TEXT, which an agent words
        add-dependency, remove-dependency --id 5 --depends-on 3
        validate-dependencies
        update-subtask --id 5.2 --prompt TEXT; the text itself, no agent
        tags        list;  add NAME --description --copy-from TAG
                    --copy-from-current --from-branch;  use NAME;
                    remove NAME -y;  rename OLD NEW;  copy FROM TO
        complexity-report; `run` begins with the longest path by its scores

      `list` and `show` without these flags, and their --json, tell of Cairn's runs.

      The tag is --tag, else TASKMASTER_TAG, else that of state.json, else
      config.json's defaultTag, else master. Both of Task Master's locks are
      respected; a value that changes and updatedAt are written, all other bytes stay.

      Where Cairn differs, on purpose:
        - completed counts as done, in next too.
        - A bare number in a subtask is its sibling first, and the task of that
          number else; validate-dependencies says where both exist.
        - One task that cannot be read is left out with a warning, hiding no other.
        - next and run wait for what was cancelled or deferred; list --ready, as
          there, counts cancelled as done.
        - A dependency that does not exist leaves its task waiting, and stays.
        - Subtasks have as many levels as the file; setting one sets all above it.
        - A tag that does not exist is an error, never the first one that does.
        - Metadata of tags, ids and unknown keys stay; flat files stay flat, and
          `tags` says how to give one tags. A copied tag keeps its metadata, but
          for times and description; a renamed one is not marked.
        - Exit codes tell what went wrong: 64 usage, 65 a bad file, 66 no such
          task, 74 I/O, 75 others keep the lock.
      """)

  func run() throws { throw CleanExit.helpRequest(self) }
}
