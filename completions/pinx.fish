# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_pinx_global_optspecs
    string join \n json q/quiet v/verbose no-progress color= config= h/help V/version
end

function __fish_pinx_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_pinx_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_pinx_using_subcommand
    set -l cmd (__fish_pinx_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c pinx -n "__fish_pinx_needs_command" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_needs_command" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_needs_command" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_needs_command" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_needs_command" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_needs_command" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_needs_command" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_needs_command" -s V -l version -d 'Print version'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "generate" -d 'Make images from a prompt'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "gen" -d 'Make images from a prompt'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "g" -d 'Make images from a prompt'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "batch" -d 'Make images from prompt files, resumable'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "compare" -d 'Make one prompt with several models, side by side'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "vote" -d 'Say which model of a comparison is best'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "info" -d 'Tell what images are and how they were made'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "redo" -d 'Make images again, with changes if wanted'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "open" -d 'Show images, or the page of a comparison, in the system\'s viewer'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "recover" -d 'Finish what was interrupted: collect paid jobs, save kept bytes'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "resume" -d 'Finish what was interrupted: collect paid jobs, save kept bytes'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "models" -d 'List models with price, time and sizes'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "providers" -d 'List providers, their keys and addresses'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "keys" -d 'Store, list, remove or test API keys'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "config" -d 'Show or change settings'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "styles" -d 'List styles and palettes'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "log" -d 'List what was made'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "stats" -d 'Tell what was spent, on what, how fast and how well it went; rank models by verdicts'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "doctor" -d 'Check keys, providers, disk, log and terminal; spends nothing'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "cache" -d 'List or empty the cache of pictures made before'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "completions" -d 'Print shell completions'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "man" -d 'Print the manual page'
complete -c pinx -n "__fish_pinx_needs_command" -f -a "help" -d 'Explain a command or a topic'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s m -l model -d 'Choose models: `provider/model`, an alias, `auto`, or several with commas [default: auto]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s o -l output -d 'Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or to stdout (`-`) [default: .]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s n -l count -d 'Make so many images [default: 1]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s s -l size -d 'Ask for a size in pixels [default: 1024x1024]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s a -l aspect -d 'Ask for a ratio instead, such as 16:9' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l quality -d 'Ask for a quality in the model\'s own word [default: medium, where there is one]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s f -l format -d 'Ask for png, jpeg, webp, gif, avif or svg [default: the model\'s own]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l style -d 'Choose a style of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l colors -d 'Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l negative -d 'Say what should not be seen' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l seed -d 'Repeat a picture on models that honour it [default: random]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l background -d 'Ask for a background: transparent, opaque or auto' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l label -d 'Set words in type over the picture (pinx/sketch only)' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l prefer -d 'Let `auto` choose the cheap, fast or best one' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l balance -d 'Take equal routes first as ordered, weighted, cheapest or fastest [default: ordered]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l fallback -d 'Fall back to these models [default: the same model elsewhere]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s P -l param -d 'Pass a field to the provider as it is (JSON or text), repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l base-url -d 'Send to this address instead of the provider\'s own' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l max-cost -d 'Refuse to spend more than so many dollars in this run' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l var -d 'Fill `{KEY}` in the prompt, repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s j -l concurrency -d 'Run so many jobs at once [default: 4]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l timeout -d 'Give up on a request after this long [default: 5m, 10m for slow work]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l deadline -d 'Start no new attempt after this long [default: 15m]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l retries -d 'Repeat a request that cost nothing so often [default: 2]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l retry-ambiguous -d 'Repeat a request of unknown outcome so often; each may be billed again [default: 0]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l prompt-file -d 'Read the prompt from a file' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l preview -d 'Show the picture in the terminal: auto, on or off [default: auto]' -r
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l no-fallback -d 'Fall back to nothing'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l strict -d 'Refuse to adjust what the model cannot do exactly'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l allow-unknown-cost -d 'Send requests of unknown price although there is a limit'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s y -l yes -d 'Agree to the estimate without being asked'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l cache -d 'Use the same picture again if it was made before [default: only with `--seed`]'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l no-cache -d 'Make it anew even if it was made before, and keep no copy'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l dry-run -d 'Show the plan and its price, send nothing'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l force -d 'Replace existing files'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l no-metadata -d 'Leave the recipe out of the image'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l cancel-on-interrupt -d 'Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l open -d 'Open the picture in the viewer'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand generate" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s m -l model -d 'Choose models: `provider/model`, an alias, `auto`, or several with commas [default: auto]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s o -l output -d 'Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or to stdout (`-`) [default: .]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s n -l count -d 'Make so many images [default: 1]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s s -l size -d 'Ask for a size in pixels [default: 1024x1024]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s a -l aspect -d 'Ask for a ratio instead, such as 16:9' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l quality -d 'Ask for a quality in the model\'s own word [default: medium, where there is one]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s f -l format -d 'Ask for png, jpeg, webp, gif, avif or svg [default: the model\'s own]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l style -d 'Choose a style of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l colors -d 'Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l negative -d 'Say what should not be seen' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l seed -d 'Repeat a picture on models that honour it [default: random]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l background -d 'Ask for a background: transparent, opaque or auto' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l label -d 'Set words in type over the picture (pinx/sketch only)' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l prefer -d 'Let `auto` choose the cheap, fast or best one' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l balance -d 'Take equal routes first as ordered, weighted, cheapest or fastest [default: ordered]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l fallback -d 'Fall back to these models [default: the same model elsewhere]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s P -l param -d 'Pass a field to the provider as it is (JSON or text), repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l base-url -d 'Send to this address instead of the provider\'s own' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l max-cost -d 'Refuse to spend more than so many dollars in this run' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l var -d 'Fill `{KEY}` in the prompt, repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s j -l concurrency -d 'Run so many jobs at once [default: 4]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l timeout -d 'Give up on a request after this long [default: 5m, 10m for slow work]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l deadline -d 'Start no new attempt after this long [default: 15m]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l retries -d 'Repeat a request that cost nothing so often [default: 2]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l retry-ambiguous -d 'Repeat a request of unknown outcome so often; each may be billed again [default: 0]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l prompt-file -d 'Read the prompt from a file' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l preview -d 'Show the picture in the terminal: auto, on or off [default: auto]' -r
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l no-fallback -d 'Fall back to nothing'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l strict -d 'Refuse to adjust what the model cannot do exactly'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l allow-unknown-cost -d 'Send requests of unknown price although there is a limit'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s y -l yes -d 'Agree to the estimate without being asked'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l cache -d 'Use the same picture again if it was made before [default: only with `--seed`]'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l no-cache -d 'Make it anew even if it was made before, and keep no copy'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l dry-run -d 'Show the plan and its price, send nothing'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l force -d 'Replace existing files'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l no-metadata -d 'Leave the recipe out of the image'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l cancel-on-interrupt -d 'Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l open -d 'Open the picture in the viewer'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand gen" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand g" -s m -l model -d 'Choose models: `provider/model`, an alias, `auto`, or several with commas [default: auto]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -s o -l output -d 'Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or to stdout (`-`) [default: .]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -s n -l count -d 'Make so many images [default: 1]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -s s -l size -d 'Ask for a size in pixels [default: 1024x1024]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -s a -l aspect -d 'Ask for a ratio instead, such as 16:9' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l quality -d 'Ask for a quality in the model\'s own word [default: medium, where there is one]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -s f -l format -d 'Ask for png, jpeg, webp, gif, avif or svg [default: the model\'s own]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l style -d 'Choose a style of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l colors -d 'Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l negative -d 'Say what should not be seen' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l seed -d 'Repeat a picture on models that honour it [default: random]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l background -d 'Ask for a background: transparent, opaque or auto' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l label -d 'Set words in type over the picture (pinx/sketch only)' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l prefer -d 'Let `auto` choose the cheap, fast or best one' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l balance -d 'Take equal routes first as ordered, weighted, cheapest or fastest [default: ordered]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l fallback -d 'Fall back to these models [default: the same model elsewhere]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -s P -l param -d 'Pass a field to the provider as it is (JSON or text), repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l base-url -d 'Send to this address instead of the provider\'s own' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l max-cost -d 'Refuse to spend more than so many dollars in this run' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l var -d 'Fill `{KEY}` in the prompt, repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -s j -l concurrency -d 'Run so many jobs at once [default: 4]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l timeout -d 'Give up on a request after this long [default: 5m, 10m for slow work]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l deadline -d 'Start no new attempt after this long [default: 15m]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l retries -d 'Repeat a request that cost nothing so often [default: 2]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l retry-ambiguous -d 'Repeat a request of unknown outcome so often; each may be billed again [default: 0]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l prompt-file -d 'Read the prompt from a file' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand g" -l preview -d 'Show the picture in the terminal: auto, on or off [default: auto]' -r
complete -c pinx -n "__fish_pinx_using_subcommand g" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand g" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand g" -l no-fallback -d 'Fall back to nothing'
complete -c pinx -n "__fish_pinx_using_subcommand g" -l strict -d 'Refuse to adjust what the model cannot do exactly'
complete -c pinx -n "__fish_pinx_using_subcommand g" -l allow-unknown-cost -d 'Send requests of unknown price although there is a limit'
complete -c pinx -n "__fish_pinx_using_subcommand g" -s y -l yes -d 'Agree to the estimate without being asked'
complete -c pinx -n "__fish_pinx_using_subcommand g" -l cache -d 'Use the same picture again if it was made before [default: only with `--seed`]'
complete -c pinx -n "__fish_pinx_using_subcommand g" -l no-cache -d 'Make it anew even if it was made before, and keep no copy'
complete -c pinx -n "__fish_pinx_using_subcommand g" -l dry-run -d 'Show the plan and its price, send nothing'
complete -c pinx -n "__fish_pinx_using_subcommand g" -l force -d 'Replace existing files'
complete -c pinx -n "__fish_pinx_using_subcommand g" -l no-metadata -d 'Leave the recipe out of the image'
complete -c pinx -n "__fish_pinx_using_subcommand g" -l cancel-on-interrupt -d 'Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`'
complete -c pinx -n "__fish_pinx_using_subcommand g" -l open -d 'Open the picture in the viewer'
complete -c pinx -n "__fish_pinx_using_subcommand g" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand g" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand g" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand g" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand g" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l only -d 'See only to this job: its name in the file, or its number; repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l limit -d 'Make so many images at most that are still to do' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l shard -d 'See only to the i-th of n equal parts, such as 1/3' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l gallery -d 'Write a page of all images and failures of the batch, also of earlier runs (HTML)' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l prompt-column -d 'Take the prompts from this column or key; `meta.caption` is one inside another' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l prompt-template -d 'Put the prompt together from columns or keys: `{subject}, {place}`' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s m -l model -d 'Choose models: `provider/model`, an alias, `auto`, or several with commas [default: auto]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s o -l output -d 'Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or to stdout (`-`) [default: .]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s n -l count -d 'Make so many images [default: 1]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s s -l size -d 'Ask for a size in pixels [default: 1024x1024]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s a -l aspect -d 'Ask for a ratio instead, such as 16:9' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l quality -d 'Ask for a quality in the model\'s own word [default: medium, where there is one]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s f -l format -d 'Ask for png, jpeg, webp, gif, avif or svg [default: the model\'s own]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l style -d 'Choose a style of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l colors -d 'Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l negative -d 'Say what should not be seen' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l seed -d 'Repeat a picture on models that honour it [default: random]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l background -d 'Ask for a background: transparent, opaque or auto' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l label -d 'Set words in type over the picture (pinx/sketch only)' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l prefer -d 'Let `auto` choose the cheap, fast or best one' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l balance -d 'Take equal routes first as ordered, weighted, cheapest or fastest [default: ordered]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l fallback -d 'Fall back to these models [default: the same model elsewhere]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s P -l param -d 'Pass a field to the provider as it is (JSON or text), repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l base-url -d 'Send to this address instead of the provider\'s own' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l max-cost -d 'Refuse to spend more than so many dollars in this run' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l var -d 'Fill `{KEY}` in the prompt, repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s j -l concurrency -d 'Run so many jobs at once [default: 4]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l timeout -d 'Give up on a request after this long [default: 5m, 10m for slow work]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l deadline -d 'Start no new attempt after this long [default: 15m]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l retries -d 'Repeat a request that cost nothing so often [default: 2]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l retry-ambiguous -d 'Repeat a request of unknown outcome so often; each may be billed again [default: 0]' -r
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l retry-failed -d 'Make again what was refused or rejected before'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l redo-missing -d 'Make again what was made before and whose file is gone'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l adopt -d 'Take what is there under a job\'s name for its image, whatever it is'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l claim -d 'Claim each job in the output directory before it is paid for, so that other machines with a home of their own leave it alone; always so with `--shard`'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l fail-fast -d 'Begin nothing more after the first failure'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l sketch -d 'With `--dry-run`: draw every picture with pinx/sketch, for nothing, under its own name'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l jsonl -d 'Print one JSON document a job on stdout, as each ends'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l ignore-unknown -d 'Leave out columns and keys that pinx does not know'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l no-fallback -d 'Fall back to nothing'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l strict -d 'Refuse to adjust what the model cannot do exactly'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l allow-unknown-cost -d 'Send requests of unknown price although there is a limit'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s y -l yes -d 'Agree to the estimate without being asked'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l cache -d 'Use the same picture again if it was made before [default: only with `--seed`]'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l no-cache -d 'Make it anew even if it was made before, and keep no copy'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l dry-run -d 'Show the plan and its price, send nothing'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l force -d 'Replace existing files'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l no-metadata -d 'Leave the recipe out of the image'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l cancel-on-interrupt -d 'Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand batch" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l batch -d 'Compare with every prompt of this file (.txt .jsonl .csv .tsv .yaml .json .toml), repeatable' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l prompt-file -d 'Read the prompt from a file' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l tag -d 'Call it this besides, for `pinx stats --ab --tag`; repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l prompt-column -d 'Take the prompts from this column or key; `meta.caption` is one inside another' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l prompt-template -d 'Put the prompt together from columns or keys: `{subject}, {place}`' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s s -l size -d 'Ask for a size in pixels [default: 1024x1024]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s a -l aspect -d 'Ask for a ratio instead, such as 16:9' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l quality -d 'Ask for a quality in the model\'s own word [default: medium, where there is one]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s f -l format -d 'Ask for png, jpeg, webp, gif, avif or svg [default: the model\'s own]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l style -d 'Choose a style of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l colors -d 'Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l negative -d 'Say what should not be seen' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l seed -d 'Repeat a picture on models that honour it [default: random]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l background -d 'Ask for a background: transparent, opaque or auto' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l label -d 'Set words in type over the picture (pinx/sketch only)' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l prefer -d 'Let `auto` choose the cheap, fast or best one' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s P -l param -d 'Pass a field to the provider as it is (JSON or text), repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l base-url -d 'Send to this address instead of the provider\'s own' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l max-cost -d 'Refuse to spend more than so many dollars in this run' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l var -d 'Fill `{KEY}` in the prompt, repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s j -l concurrency -d 'Run so many jobs at once [default: 4]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l timeout -d 'Give up on a request after this long [default: 5m, 10m for slow work]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l deadline -d 'Start no new attempt after this long [default: 15m]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l retries -d 'Repeat a request that cost nothing so often [default: 2]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l retry-ambiguous -d 'Repeat a request of unknown outcome so often; each may be billed again [default: 0]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s m -l model -d 'Name the models, at least two: `provider/model`, aliases, with commas' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s o -l output -d 'Put images and pages into this directory [default: compare-SLUG/]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s n -l count -d 'Make so many images of each model [default: 1]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l balance -d 'Take equal routes first as ordered, weighted, cheapest or fastest [default: ordered]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l fallback -d 'Fall back to these models [default: the same model elsewhere]' -r
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l blind -d 'Hide which model is which (A, B, C) until a verdict is there'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l judge -d 'Ask which is best when the images are made'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l open -d 'Open the page in the browser'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l ignore-unknown -d 'Leave out columns and keys that pinx does not know'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l strict -d 'Refuse to adjust what the model cannot do exactly'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l allow-unknown-cost -d 'Send requests of unknown price although there is a limit'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s y -l yes -d 'Agree to the estimate without being asked'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l cache -d 'Use the same picture again if it was made before [default: only with `--seed`]'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l no-cache -d 'Make it anew even if it was made before, and keep no copy'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l dry-run -d 'Show the plan and its price, send nothing'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l force -d 'Replace existing files'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l no-metadata -d 'Leave the recipe out of the image'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l cancel-on-interrupt -d 'Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l no-fallback -d 'Fall back to nothing'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand compare" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand vote" -l prompt -d 'Say for which prompt of a file: its number or its name' -r
complete -c pinx -n "__fish_pinx_using_subcommand vote" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand vote" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand vote" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand vote" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand vote" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand vote" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand vote" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand info" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand info" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand info" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand info" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand info" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand info" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand info" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l set -d 'Change the recipe, repeatable: prompt, negative, model, size, aspect, quality, seed, style, colors, background, format, label, params.KEY; an empty value takes it out' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s m -l model -d 'Choose models: `provider/model`, an alias, `auto`, or several with commas [default: the recipe\'s]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s o -l output -d 'Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or to stdout (`-`) [default: .]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s n -l count -d 'Make so many images [default: 1]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s s -l size -d 'Ask for a size in pixels [default: the recipe\'s]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s a -l aspect -d 'Ask for a ratio instead, such as 16:9' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l quality -d 'Ask for a quality in the model\'s own word [default: the recipe\'s]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s f -l format -d 'Ask for png, jpeg, webp, gif, avif or svg [default: the recipe\'s]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l style -d 'Choose a style of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l colors -d 'Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l negative -d 'Say what should not be seen' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l seed -d 'Repeat a picture on models that honour it [default: the recipe\'s]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l background -d 'Ask for a background: transparent, opaque or auto' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l label -d 'Set words in type over the picture (pinx/sketch only)' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l prefer -d 'Let `auto` choose the cheap, fast or best one' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l balance -d 'Take equal routes first as ordered, weighted, cheapest or fastest [default: ordered]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l fallback -d 'Fall back to these models [default: the same model elsewhere]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s P -l param -d 'Pass a field to the provider as it is (JSON or text), repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l base-url -d 'Send to this address instead of the provider\'s own' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l max-cost -d 'Refuse to spend more than so many dollars in this run' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s j -l concurrency -d 'Run so many jobs at once [default: 4]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l timeout -d 'Give up on a request after this long [default: 5m, 10m for slow work]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l deadline -d 'Start no new attempt after this long [default: 15m]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l retries -d 'Repeat a request that cost nothing so often [default: 2]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l retry-ambiguous -d 'Repeat a request of unknown outcome so often; each may be billed again [default: 0]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l preview -d 'Show the picture in the terminal: auto, on or off [default: auto]' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l prompt-file -d 'Read the prompt from a file' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l var -d 'Fill `{KEY}` in the prompt, repeatable' -r
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l no-fallback -d 'Fall back to nothing'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l strict -d 'Refuse to adjust what the model cannot do exactly'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l allow-unknown-cost -d 'Send requests of unknown price although there is a limit'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s y -l yes -d 'Agree to the estimate without being asked'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l cache -d 'Use the same picture again if it was made before [default: only with `--seed`]'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l no-cache -d 'Make it anew even if it was made before, and keep no copy'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l dry-run -d 'Show the plan and its price, send nothing'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l force -d 'Replace existing files'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l no-metadata -d 'Leave the recipe out of the image'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l cancel-on-interrupt -d 'Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l open -d 'Open the picture in the viewer'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand redo" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand open" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand open" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand open" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand open" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand open" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand open" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand open" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand recover" -l deadline -d 'Go on with a job for at most so long [default: 15m]' -r
complete -c pinx -n "__fish_pinx_using_subcommand recover" -l forget -d 'Close what stays unknown, or free what another machine has claimed: unique starts of ids, `all-unknown`, or `damaged` for the damaged lines of the log' -r
complete -c pinx -n "__fish_pinx_using_subcommand recover" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand recover" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand recover" -l list -d 'List what is open, ask nobody'
complete -c pinx -n "__fish_pinx_using_subcommand recover" -s y -l yes -d 'With `--forget`: do not ask'
complete -c pinx -n "__fish_pinx_using_subcommand recover" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand recover" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand recover" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand recover" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand recover" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand resume" -l deadline -d 'Go on with a job for at most so long [default: 15m]' -r
complete -c pinx -n "__fish_pinx_using_subcommand resume" -l forget -d 'Close what stays unknown, or free what another machine has claimed: unique starts of ids, `all-unknown`, or `damaged` for the damaged lines of the log' -r
complete -c pinx -n "__fish_pinx_using_subcommand resume" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand resume" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand resume" -l list -d 'List what is open, ask nobody'
complete -c pinx -n "__fish_pinx_using_subcommand resume" -s y -l yes -d 'With `--forget`: do not ask'
complete -c pinx -n "__fish_pinx_using_subcommand resume" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand resume" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand resume" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand resume" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand resume" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l provider -d 'Show those of one provider, with or without a key' -r
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l can -d 'Show those that can all of this: seed, negative, alpha, svg, colors or style' -r -f -a "seed\t'Repeats a picture by its seed'
negative\t'Takes what should not be seen as a field'
alpha\t'Makes a transparent background'
svg\t'Makes vector pictures'
colors\t'Takes colours as a field'
style\t'Has styles of its own'"
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l sort -d 'Sort by cost, time or name [default: by provider]' -r -f -a "cost\t'The cheapest first, unknown prices last'
time\t'The fastest first, unknown times last'
name\t'By id'"
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -s s -l size -d 'Price an image of this size [default: 1024x1024, or your `size`]' -r
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l quality -d 'Price an image of this quality [default: the model\'s own]' -r
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l all -d 'Show also those without a key, retired ones and those that only a refresh found'
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l free -d 'Show those that cost nothing'
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l wide -d 'Show aliases too'
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l refresh -d 'Ask the providers what they have now; costs nothing'
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand models; and not __fish_seen_subcommand_from show" -a "show" -d 'Print all that is known of one model'
complete -c pinx -n "__fish_pinx_using_subcommand models; and __fish_seen_subcommand_from show" -s s -l size -d 'Price an image of this size [default: 1024x1024, or your `size`]' -r
complete -c pinx -n "__fish_pinx_using_subcommand models; and __fish_seen_subcommand_from show" -l quality -d 'Price an image of this quality [default: the model\'s own]' -r
complete -c pinx -n "__fish_pinx_using_subcommand models; and __fish_seen_subcommand_from show" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand models; and __fish_seen_subcommand_from show" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand models; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand models; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand models; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand models; and __fish_seen_subcommand_from show" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand models; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand providers" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand providers" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand providers" -l check -d 'Ask each configured provider something free, to see whether its key is good'
complete -c pinx -n "__fish_pinx_using_subcommand providers" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand providers" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand providers" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand providers" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand providers" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and not __fish_seen_subcommand_from set list remove test" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand keys; and not __fish_seen_subcommand_from set list remove test" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand keys; and not __fish_seen_subcommand_from set list remove test" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and not __fish_seen_subcommand_from set list remove test" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and not __fish_seen_subcommand_from set list remove test" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and not __fish_seen_subcommand_from set list remove test" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and not __fish_seen_subcommand_from set list remove test" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and not __fish_seen_subcommand_from set list remove test" -f -a "set" -d 'Store a provider\'s key, typed unseen, and ask the provider whether it is good'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and not __fish_seen_subcommand_from set list remove test" -f -a "list" -d 'List where each provider\'s key is found (this is the default)'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and not __fish_seen_subcommand_from set list remove test" -f -a "remove" -d 'Remove a stored key'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and not __fish_seen_subcommand_from set list remove test" -f -a "test" -d 'Ask providers something free that needs a good key'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from set" -l key -d 'The same behind a flag that other programs have' -r
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from set" -l slot -d 'Store a further key beside the first, 2 to 9; they share the load' -r
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from set" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from set" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from set" -l stdin -d 'Read the key from stdin'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from set" -l no-check -d 'Store it without asking the provider whether it is good'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from set" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from set" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from list" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from list" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from list" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from remove" -l slot -d 'Remove this further key instead of the first' -r
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from remove" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from remove" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from remove" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from remove" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from test" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from test" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from test" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from test" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand keys; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -f -a "show" -d 'Show every setting with its value and where it comes from (this is the default)'
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -f -a "get" -d 'Print the value of one setting'
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -f -a "set" -d 'Change one setting in your file'
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -f -a "edit" -d 'Open your file in an editor, then check it'
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -f -a "path" -d 'Print where your file is'
complete -c pinx -n "__fish_pinx_using_subcommand config; and not __fish_seen_subcommand_from show get set edit path init" -f -a "init" -d 'Write a file to start from, every setting explained'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from show" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from get" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from get" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from get" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from get" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from set" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from set" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from set" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from set" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from edit" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from edit" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from edit" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from edit" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from path" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from path" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from init" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from init" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from init" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from init" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand styles; and not __fish_seen_subcommand_from show" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand styles; and not __fish_seen_subcommand_from show" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand styles; and not __fish_seen_subcommand_from show" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand styles; and not __fish_seen_subcommand_from show" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand styles; and not __fish_seen_subcommand_from show" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand styles; and not __fish_seen_subcommand_from show" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand styles; and not __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand styles; and not __fish_seen_subcommand_from show" -f -a "show" -d 'Print all that a style adds, or the colours of a palette'
complete -c pinx -n "__fish_pinx_using_subcommand styles; and __fish_seen_subcommand_from show" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand styles; and __fish_seen_subcommand_from show" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand styles; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand styles; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand styles; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand styles; and __fish_seen_subcommand_from show" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand styles; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l text -d 'Find this text in prompts, file names, styles and ids' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l since -d 'Keep what began on this day or later: 2026-11-22, 2026-11, today, month, 7d, 12h' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l until -d 'Keep what began on this day or earlier' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l model -d 'Keep one model: its id, or a part of its name' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l provider -d 'Keep one provider' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l status -d 'Keep one status' -r -f -a "done\t''
cached\t''
adopted\t''
refused\t''
failed\t''
unknown\t''
pending\t''"
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l tag -d 'Keep what has this tag' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l run -d 'Keep one run, or one job of it, by the start of its id' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l min-cost -d 'Keep what cost so many dollars or more' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l max-cost -d 'Keep what cost so many dollars or less' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -s n -l limit -d 'Show the newest so many, 0 for all' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l no-pager -d 'Print it at once, also where it is longer than the terminal is high'
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -a "show" -d 'Show everything about one job or run'
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -a "path" -d 'Print where the log is kept'
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -a "export" -d 'Write all jobs as CSV, however many'
complete -c pinx -n "__fish_pinx_using_subcommand log; and not __fish_seen_subcommand_from show path export prune" -a "prune" -d 'Remove old months of the log'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from show" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from show" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from show" -l no-pager -d 'Print it at once, also where it is longer than the terminal is high'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from show" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from path" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from path" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from path" -l no-pager -d 'Print it at once, also where it is longer than the terminal is high'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from path" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from path" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l text -d 'Find this text in prompts, file names, styles and ids' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l since -d 'Keep what began on this day or later: 2026-11-22, 2026-11, today, month, 7d, 12h' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l until -d 'Keep what began on this day or earlier' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l model -d 'Keep one model: its id, or a part of its name' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l provider -d 'Keep one provider' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l status -d 'Keep one status' -r -f -a "done\t''
cached\t''
adopted\t''
refused\t''
failed\t''
unknown\t''
pending\t''"
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l tag -d 'Keep what has this tag' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l run -d 'Keep one run, or one job of it, by the start of its id' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l min-cost -d 'Keep what cost so many dollars or more' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l max-cost -d 'Keep what cost so many dollars or less' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l csv -d 'Write CSV, the only form there is so far'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l no-pager -d 'Print it at once, also where it is longer than the terminal is high'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from prune" -l before -d 'Remove the months that ended before this day: 2026-06-01, 2026-06, 180d' -r
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from prune" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from prune" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Do not ask'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from prune" -l no-pager -d 'Print it at once, also where it is longer than the terminal is high'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from prune" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from prune" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand log; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l by -d 'Group by provider, model, route, gateway, key, day, week, month, tag or style' -r -f -a "provider\t''
model\t''
route\t''
gateway\t''
key\t''
day\t''
week\t''
month\t''
tag\t''
style\t''"
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l since -d 'Count what ended on this day or later: 2026-11-22, 2026-11, today, month, 7d, 12h' -r
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l until -d 'Count what ended on this day or earlier' -r
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l provider -d 'Count one provider' -r
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l model -d 'Count one model: its id, or a part of its name' -r
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l tag -d 'Count what has this tag' -r
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l style -d 'With `--ab`: count comparisons in this style' -r
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l html -d 'Write them with charts into a page of its own, `-` for stdout' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l ab -d 'Rank models by the verdicts of `pinx compare` and `pinx vote`'
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l csv -d 'Print the groups as CSV'
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l force -d 'Replace a file that is no page of pinx, or was changed'
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand stats" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand stats" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand stats" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand stats" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand doctor" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand doctor" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand doctor" -l offline -d 'Ask nobody, neither providers nor this machine\'s own servers'
complete -c pinx -n "__fish_pinx_using_subcommand doctor" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand doctor" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand doctor" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand doctor" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and not __fish_seen_subcommand_from ls list prune clear" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand cache; and not __fish_seen_subcommand_from ls list prune clear" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand cache; and not __fish_seen_subcommand_from ls list prune clear" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and not __fish_seen_subcommand_from ls list prune clear" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and not __fish_seen_subcommand_from ls list prune clear" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and not __fish_seen_subcommand_from ls list prune clear" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and not __fish_seen_subcommand_from ls list prune clear" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and not __fish_seen_subcommand_from ls list prune clear" -f -a "ls" -d 'List the pictures, the most recently used first'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and not __fish_seen_subcommand_from ls list prune clear" -f -a "list" -d 'List the pictures, the most recently used first'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and not __fish_seen_subcommand_from ls list prune clear" -f -a "prune" -d 'Remove the least recently used pictures'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and not __fish_seen_subcommand_from ls list prune clear" -f -a "clear" -d 'Remove every picture'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from ls" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from ls" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from ls" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from ls" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from list" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from list" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from list" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from prune" -l max-size -d 'Keep so many bytes at most, such as 100MiB [default: the setting `cache.max_size`]' -r
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from prune" -l older-than -d 'Remove what was not used for this long, such as 30d or 12h' -r
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from prune" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from prune" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from prune" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from prune" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from clear" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from clear" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from clear" -s y -l yes -d 'Do not ask'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from clear" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from clear" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from clear" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from clear" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand cache; and __fish_seen_subcommand_from clear" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand completions" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand completions" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand completions" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand completions" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand completions" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand completions" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand completions" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand man" -s o -l output -d 'Write all pages below this directory instead, in `man1`, `man5` and `man7`' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand man" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand man" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand man" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand man" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand man" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand man" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand man" -s h -l help -d 'Print help'
complete -c pinx -n "__fish_pinx_using_subcommand help" -l color -d 'Colour the text [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pinx -n "__fish_pinx_using_subcommand help" -l config -d 'Read this settings file instead of the user\'s' -r -F
complete -c pinx -n "__fish_pinx_using_subcommand help" -l json -d 'Print one JSON document on stdout'
complete -c pinx -n "__fish_pinx_using_subcommand help" -s q -l quiet -d 'Print nothing on stderr but errors'
complete -c pinx -n "__fish_pinx_using_subcommand help" -s v -l verbose -d 'Tell more'
complete -c pinx -n "__fish_pinx_using_subcommand help" -l no-progress -d 'Draw no bars'
complete -c pinx -n "__fish_pinx_using_subcommand help" -s h -l help -d 'Print help'
