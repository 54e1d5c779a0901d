#!/bin/sh
# An agent without a model: reads a prompt, finds the step that it asks for, edits files.
set -eu
prompt=$(cat)
step=$(printf '%s\n' "$prompt" | sed -n 's/^[[:space:]]*Step: *//p' | head -n 1)
echo "agent: attempt ${CAIRN_ATTEMPT:-1} at ${step:-nothing I know}"

# add_option NAME COMMANDS: one more option of the command line, in a file of its own, so that steps that
# add options at the same time do not edit the same lines.
add_option() {
  printf 'option_%s() { %s; }\n' "$1" "$2" > "lib/option-$1.sh"
}

read_file() {
  cat > lib/input.sh <<'END'
read_input() {
  cat "$1"
}
END
}

read_stdin() {
  cat > lib/input.sh <<'END'
# read_input NAME: a file, or standard input for "-".
read_input() {
  if [ "$1" = - ]; then cat; else cat "$1"; fi
}
END
}

option_lines() {
  mkdir -p bin
  cat > bin/wordcount <<'END'
#!/bin/sh
# Counts lines, words and bytes of files, or of standard input.
set -eu
home=$(cd "$(dirname "$0")/.." && pwd)
for part in "$home"/lib/*.sh; do . "$part"; done

wanted=
while [ $# -gt 0 ]; do
  case $1 in
    -?*) option=option_$(printf '%s' "$1" | tr -d -) ;;
    *) break ;;
  esac
  if ! command -v "$option" > /dev/null; then
    ! command -v refuse > /dev/null || refuse "$1"
    break
  fi
  "$option" "$@"
  shift
done
report "$@"
END
  chmod +x bin/wordcount
  add_option l 'wanted="$wanted lines"'
  cat > lib/report.sh <<'END'
report_file() {
  copy=$(mktemp)
  read_input "$1" > "$copy"
  line=
  for kind in ${wanted:-lines words bytes}; do line="$line$("count_$kind" < "$copy") "; done
  rm -f "$copy"
  echo "$line$1"
}

report() {
  [ $# -gt 0 ] || set -- -
  for file in "$@"; do report_file "$file"; done
}
END
}

help() {
  cat > lib/usage.sh <<'END'
usage() {
  cat <<'TEXT'
usage: wordcount [options] [file…]
  -l         lines
  -w         words
  -c         bytes
  --top N    the N commonest words
  --help     this text
  --version  the version
TEXT
}
END
  add_option help 'usage; exit 0'
  add_option version 'echo "wordcount $version"; exit 0'
}

totals() {
  # The first idea only counts the files. Told what its verification said, the agent does better.
  case $prompt in
    *"total line missing"*) words='sums' ;;
    *) words='count' ;;
  esac
  sed '/^report() {/,$d' lib/report.sh > lib/next
  if [ "$words" = count ]; then
    cat >> lib/next <<'END'
report() {
  [ $# -gt 0 ] || set -- -
  for file in "$@"; do report_file "$file"; done
  [ $# -lt 2 ] || echo "$# files"
}
END
  else
    cat >> lib/next <<'END'
report() {
  [ $# -gt 0 ] || set -- -
  for file in "$@"; do report_file "$file"; done | awk '
    { print; for (i = 1; i < NF; i++) sum[i] += $i; fields = NF }
    END { if (NR > 1) { for (i = 1; i < fields; i++) printf "%d ", sum[i]; print "total" } }'
}
END
  fi
  mv lib/next lib/report.sh
}

top() {
  cat > lib/top.sh <<'END'
# top_words N: the commonest words of standard input, commonest first.
top_words() {
  tr -cs '[:alpha:]' '\n' | tr '[:upper:]' '[:lower:]' | sed '/^$/d' | sort | uniq -c |
    sort -k1,1nr -k2,2 | awk -v most="$1" 'NR <= most { print $2, $1 }'
}
END
  add_option top 'read_input "${3:--}" | top_words "$2"; exit 0'
}

refuse() {
  cat > lib/refuse.sh <<'END'
refuse() {
  echo "wordcount: unknown option $1" >&2
  exit 64
}
END
}

tests() {
  cat > test.sh <<'END'
#!/bin/sh
# Runs bin/wordcount, or the command given, against known answers.
set -eu
tool=${1:-bin/wordcount}
expect() {
  [ "$2" = "$3" ] || { echo "$1: expected \"$3\", got \"$2\""; exit 1; }
  echo "$1: ok"
}
expect lines "$(printf 'a\nb\n' | "$tool" -l)" "2 -"
expect words "$(printf 'a  b\nc\n' | "$tool" -w)" "3 -"
expect all "$(printf 'a b\n' | "$tool")" "1 2 4 -"
expect top "$(printf 'b a b\n' | "$tool" --top 1)" "b 2"
END
  chmod +x test.sh
}

manual() {
  mkdir -p docs
  { echo "# wordcount"; echo; bin/wordcount --help | sed 's/^/    /'; } > docs/wordcount.md
}

release() {
  echo 'version=1.0' > lib/version.sh
  { echo "# 1.0"; echo; echo "- Counts lines, words and bytes."; echo "- Knows the commonest words."; } > CHANGELOG.md
}

case $step in
  read-file) read_file ;;
  read-stdin) read_stdin ;;
  count-lines) printf 'count_lines() { wc -l | tr -d " "; }\n' > lib/count-lines.sh ;;
  count-words) printf 'count_words() { wc -w | tr -d " "; }\n' > lib/count-words.sh ;;
  count-bytes) printf 'count_bytes() { wc -c | tr -d " "; }\n' > lib/count-bytes.sh ;;
  option-lines) option_lines ;;
  option-words) add_option w 'wanted="$wanted words"' ;;
  option-bytes) add_option c 'wanted="$wanted bytes"' ;;
  help) help ;;
  totals) totals ;;
  top) top ;;
  refuse) refuse ;;
  tests) tests ;;
  manual) manual ;;
  release) release ;;
  *) echo "agent: I do not know what to do" >&2; exit 1 ;;
esac
echo "agent: done"
