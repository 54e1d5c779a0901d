# Writes cairn.yaml:  awk -v steps=256 -f bin/graph.awk > cairn.yaml
function name(letter, i) { return sprintf("%s%03d", letter, i) }
BEGIN {
  print "# How a loss at the end of " steps " steps depends on the state before the first: forward through"
  print "# all states, then back through them in reverse. Keeping them all takes " steps " states; the budget"
  print "# holds about twice the root of that, and what was dropped is computed again, from checkpoints that"
  print "# lie as Griewank and Walther's Revolve would have them. Written by bin/graph.awk."
  print "name: adjoint"
  print "budget: { workspace: 1536KiB, jobs: 2 }"
  print "params: { A: 0.05, D: 0.1, CELLS: 2000, STEPS: " steps " }"
  print "defaults: { output: 48KiB, timeout: 1m }"
  print "tasks:"
  print "  x000: { run: awk -v cells=\"$CELLS\" -f bin/start.awk > \"$CAIRN_OUT/state\", inputs: [bin/start.awk] }"
  for (i = 1; i <= steps; i++)
    printf "  %s: { group: forward, needs: { before: %s }, pure: true, inputs: [bin/step.awk], run: \"awk -v a=$A -v d=$D -f bin/step.awk $CAIRN_IN_BEFORE/state > $CAIRN_OUT/state\" }\n", name("x", i), name("x", i - 1)
  printf "  %s: { group: backward, needs: { end: %s }, inputs: [bin/loss.awk], run: \"awk -f bin/loss.awk $CAIRN_IN_END/state > $CAIRN_OUT/state\" }\n", name("s", steps), name("x", steps)
  for (i = steps - 1; i >= 0; i--)
    printf "  %s: { group: backward, needs: { before: %s, behind: %s }, inputs: [bin/adjoint.awk], run: \"awk -v a=$A -v d=$D -f bin/adjoint.awk $CAIRN_IN_BEFORE/state $CAIRN_IN_BEHIND/state > $CAIRN_OUT/state\" }\n", name("s", i), name("x", i), name("s", i + 1)
  printf "  check: { needs: { start: x000, gradient: s000 }, inputs: [bin/check.awk], export: gradient.txt, run: \"awk -v a=$A -v d=$D -v steps=$STEPS -f bin/check.awk $CAIRN_IN_START/state $CAIRN_IN_GRADIENT/state > $CAIRN_OUT/report\" }\n"
}
