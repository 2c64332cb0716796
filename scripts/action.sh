#!/usr/bin/env bash
# The step of action.yml: one run of gateward check with annotations, and where asked for SARIF and a summary. Inputs come as INPUT_…
# variables and are split at white space here, never run as code. The exit code is that of the check; outputs and summary come first.
set -euo pipefail

split() { # split TEXT: its words, one a line; patterns are left to gateward
  tr -s '[:space:]' '\n' <<<"$1" | sed '/^$/d'
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
options=(-o github -o "json=$folder/report.json" --fail-on "$INPUT_FAIL_ON")
while IFS= read -r word; do options+=(--policies "$word"); done < <(split "$INPUT_POLICIES")
while IFS= read -r word; do options+=("$word"); done < <(split "$INPUT_ARGS")
[[ -z $INPUT_SARIF_FILE ]] || options+=(-o "sarif=$INPUT_SARIF_FILE")
[[ $INPUT_SUMMARY != true ]] || options+=(-o "markdown=$folder/summary.md")
options+=(--)
while IFS= read -r word; do options+=("$word"); done < <(split "$INPUT_PATHS")

status=0
node=$GITHUB_ACTION_PATH/node_modules/.bin/node
"$node" "$GITHUB_ACTION_PATH/src/main.ts" check "${options[@]}" </dev/null || status=$?

[[ ! -f $folder/summary.md ]] || cat "$folder/summary.md" >>"$GITHUB_STEP_SUMMARY"
if [[ -f $folder/report.json ]]; then
  "$node" -e '
    const { summary } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    console.log(`findings=${summary.findings}\ndenied=${summary.denied}`);
  ' "$folder/report.json" >>"$GITHUB_OUTPUT"
fi
exit "$status"
