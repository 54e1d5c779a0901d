#!/bin/sh
# Tests what a task should have made. The agent's word is not proof.
set -eu
. lib/version.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'one two  three\nTwo\n' > "$work/a"
printf 'caf\303\251\n' > "$work/b"

expect() {
  [ "$2" = "$3" ] || { echo "$CAIRN_TASK: $1: expected \"$3\", got \"$2\""; exit 1; }
  echo "$CAIRN_TASK: $1: ok"
}
from() { (. "lib/$1.sh" && shift && "$@"); }
tool() { bin/wordcount "$@"; }

read_file() { expect "a file" "$(from input read_input "$work/a")" "$(cat "$work/a")"; }
read_stdin() { expect "standard input" "$(echo piped | from input read_input -)" piped; }
count_lines() { expect lines "$(from count-lines count_lines < "$work/a")" 2; }
count_words() { expect words "$(from count-words count_words < "$work/a")" 4; }
count_bytes() { expect bytes "$(from count-bytes count_bytes < "$work/b")" 6; }
option() { expect "option $1" "$(tool "$1" "$work/$2")" "$3 $work/$2"; }

case $CAIRN_TASK in
  2.1) read_file ;;
  2.2) read_file; read_stdin ;;
  2) read_file; read_stdin ;;
  3.1) count_lines ;;
  3.2) count_words ;;
  3.3) count_bytes ;;
  3) count_lines; count_words; count_bytes ;;
  4.1) option -l a 2 ;;
  4.2) option -w a 4 ;;
  4.3) option -c b 6 ;;
  4)
    option -l a 2
    option -w a 4
    expect "all three" "$(tool "$work/b")" "1 1 6 $work/b"
    ;;
  5)
    expect version "$(tool --version)" "wordcount $version"
    tool --help | grep -q '^usage: wordcount'
    ;;
  6)
    tool -l "$work/a" "$work/b" > "$work/out"
    [ "$(tail -n 1 "$work/out")" = "3 total" ] || { echo "6: total line missing"; exit 1; }
    expect "one file has no total" "$(tool -l "$work/a")" "2 $work/a"
    ;;
  7) expect top "$(tool --top 1 "$work/a")" "two 2" ;;
  8)
    status=0
    tool --no-such > "$work/out" 2> "$work/err" || status=$?
    expect status "$status" 64
    expect message "$(cat "$work/err")" "wordcount: unknown option --no-such"
    ;;
  9)
    ./test.sh
    printf '#!/bin/sh\necho wrong\n' > "$work/wrong"
    chmod +x "$work/wrong"
    if ./test.sh "$work/wrong"; then echo "9: test.sh passes a tool that is wrong"; exit 1; fi
    ;;
  10)
    tool --help | grep -o -- '-[-a-z]*' | while read -r option; do
      grep -q -- "$option" docs/wordcount.md || { echo "10: $option is not in the manual"; exit 1; }
    done
    ;;
  12)
    expect version "$(tool --version)" "wordcount 1.0"
    grep -q '^# 1.0$' CHANGELOG.md
    ./test.sh
    ;;
  *) echo "no verification for task $CAIRN_TASK"; exit 1 ;;
esac
