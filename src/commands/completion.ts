import { Command } from 'commander';
import { choiceArgument } from './options.ts';
import { examples, exitCodes, type Program } from './program.ts';

/** What each shell loads; all of them ask `gateward __complete`, so that they never fall behind the program. */
const SCRIPTS = {
  bash: `# bash completion of gateward
_gateward() {
  local line directive= IFS=$'\\n'
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :[0-9]) directive=$line ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(gateward __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ $directive == :0 ]] && type compopt >/dev/null 2>&1; then compopt -o default; fi
}
complete -F _gateward gateward
`,
  zsh: `#compdef gateward
# zsh completion of gateward
_gateward() {
  local line directive
  local -a described
  while IFS= read -r line; do
    case $line in
      :[0-9]) directive=$line ;;
      *) described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done < <(gateward __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#described )) && _describe gateward described
  [[ $directive == :0 ]] && _files
}
if [[ \${funcstack[1]} == _gateward ]]; then _gateward "$@"; else compdef _gateward gateward; fi
`,
  fish: `# fish completion of gateward
function __gateward_complete
  set -l words (commandline -opc)
  set -l token (commandline -ct)
  set -l lines (gateward __complete $words[2..-1] "$token" 2>/dev/null)
  for line in $lines
    string match -qr '^:[0-9]$' -- $line; or echo $line
  end
  if test "$lines[-1]" = ':0'
    __fish_complete_path "$token"
  end
end
complete -c gateward -f -a '(__gateward_complete)'
`,
} as const;

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `gateward completion`. */
export function completionCommand(program: Program): Command {
  return new Command('completion')
    .summary('print the completion of a shell')
    .description(
      'Prints what a shell loads to complete commands, options, formats and rules. kubectl completes by itself, where kubectl_complete-gateward is on PATH.',
    )
    .addArgument(choiceArgument('<shell>', 'the shell', SHELLS))
    .addHelpText(
      'after',
      examples(
        { ...program, name: 'gateward' },
        'completion bash > ~/.local/share/bash-completion/completions/gateward',
        'completion zsh > "${fpath[1]}/_gateward"',
        'completion fish > ~/.config/fish/completions/gateward.fish',
      ) + exitCodes({ 0: 'printed' }),
    )
    .action((shell: (typeof SHELLS)[number]) => {
      program.io.stdout(SCRIPTS[shell]);
    });
}
