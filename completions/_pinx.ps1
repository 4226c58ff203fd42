
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'pinx' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'pinx'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'pinx' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Make images from a prompt')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Make images from prompt files, resumable')
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'Make one prompt with several models, side by side')
            [CompletionResult]::new('vote', 'vote', [CompletionResultType]::ParameterValue, 'Say which model of a comparison is best')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Tell what images are and how they were made')
            [CompletionResult]::new('redo', 'redo', [CompletionResultType]::ParameterValue, 'Make images again, with changes if wanted')
            [CompletionResult]::new('open', 'open', [CompletionResultType]::ParameterValue, 'Show images, or the page of a comparison, in the system''s viewer')
            [CompletionResult]::new('recover', 'recover', [CompletionResultType]::ParameterValue, 'Finish what was interrupted: collect paid jobs, save kept bytes')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List models with price, time and sizes')
            [CompletionResult]::new('providers', 'providers', [CompletionResultType]::ParameterValue, 'List providers, their keys and addresses')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'Store, list, remove or test API keys')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show or change settings')
            [CompletionResult]::new('styles', 'styles', [CompletionResultType]::ParameterValue, 'List styles and palettes')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'List what was made')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Tell what was spent, on what, how fast and how well it went; rank models by verdicts')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check keys, providers, disk, log and terminal; spends nothing')
            [CompletionResult]::new('cache', 'cache', [CompletionResultType]::ParameterValue, 'List or empty the cache of pictures made before')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print shell completions')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Explain a command or a topic')
            break
        }
        'pinx;generate' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Choose models: `provider/model`, an alias, `auto`, or several with commas [default: auto]')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Choose models: `provider/model`, an alias, `auto`, or several with commas [default: auto]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or to stdout (`-`) [default: .]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or to stdout (`-`) [default: .]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Make so many images [default: 1]')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Make so many images [default: 1]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Ask for a size in pixels [default: 1024x1024]')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Ask for a size in pixels [default: 1024x1024]')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Ask for a ratio instead, such as 16:9')
            [CompletionResult]::new('--aspect', '--aspect', [CompletionResultType]::ParameterName, 'Ask for a ratio instead, such as 16:9')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'Ask for a quality in the model''s own word [default: medium, where there is one]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Ask for png, jpeg, webp, gif, avif or svg [default: the model''s own]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Ask for png, jpeg, webp, gif, avif or svg [default: the model''s own]')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'Choose a style of `pinx styles`')
            [CompletionResult]::new('--colors', '--colors', [CompletionResultType]::ParameterName, 'Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`')
            [CompletionResult]::new('--negative', '--negative', [CompletionResultType]::ParameterName, 'Say what should not be seen')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Repeat a picture on models that honour it [default: random]')
            [CompletionResult]::new('--background', '--background', [CompletionResultType]::ParameterName, 'Ask for a background: transparent, opaque or auto')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Set words in type over the picture (pinx/sketch only)')
            [CompletionResult]::new('--prefer', '--prefer', [CompletionResultType]::ParameterName, 'Let `auto` choose the cheap, fast or best one')
            [CompletionResult]::new('--balance', '--balance', [CompletionResultType]::ParameterName, 'Take equal routes first as ordered, weighted, cheapest or fastest [default: ordered]')
            [CompletionResult]::new('--fallback', '--fallback', [CompletionResultType]::ParameterName, 'Fall back to these models [default: the same model elsewhere]')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Pass a field to the provider as it is (JSON or text), repeatable')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Pass a field to the provider as it is (JSON or text), repeatable')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'Send to this address instead of the provider''s own')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Refuse to spend more than so many dollars in this run')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Fill `{KEY}` in the prompt, repeatable')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Run so many jobs at once [default: 4]')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Run so many jobs at once [default: 4]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up on a request after this long [default: 5m, 10m for slow work]')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Start no new attempt after this long [default: 15m]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Repeat a request that cost nothing so often [default: 2]')
            [CompletionResult]::new('--retry-ambiguous', '--retry-ambiguous', [CompletionResultType]::ParameterName, 'Repeat a request of unknown outcome so often; each may be billed again [default: 0]')
            [CompletionResult]::new('--prompt-file', '--prompt-file', [CompletionResultType]::ParameterName, 'Read the prompt from a file')
            [CompletionResult]::new('--preview', '--preview', [CompletionResultType]::ParameterName, 'Show the picture in the terminal: auto, on or off [default: auto]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--no-fallback', '--no-fallback', [CompletionResultType]::ParameterName, 'Fall back to nothing')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse to adjust what the model cannot do exactly')
            [CompletionResult]::new('--allow-unknown-cost', '--allow-unknown-cost', [CompletionResultType]::ParameterName, 'Send requests of unknown price although there is a limit')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Agree to the estimate without being asked')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Agree to the estimate without being asked')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Use the same picture again if it was made before [default: only with `--seed`]')
            [CompletionResult]::new('--no-cache', '--no-cache', [CompletionResultType]::ParameterName, 'Make it anew even if it was made before, and keep no copy')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the plan and its price, send nothing')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace existing files')
            [CompletionResult]::new('--no-metadata', '--no-metadata', [CompletionResultType]::ParameterName, 'Leave the recipe out of the image')
            [CompletionResult]::new('--cancel-on-interrupt', '--cancel-on-interrupt', [CompletionResultType]::ParameterName, 'Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Open the picture in the viewer')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;batch' {
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'See only to this job: its name in the file, or its number; repeatable')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Make so many images at most that are still to do')
            [CompletionResult]::new('--shard', '--shard', [CompletionResultType]::ParameterName, 'See only to the i-th of n equal parts, such as 1/3')
            [CompletionResult]::new('--gallery', '--gallery', [CompletionResultType]::ParameterName, 'Write a page of all images and failures of the batch, also of earlier runs (HTML)')
            [CompletionResult]::new('--prompt-column', '--prompt-column', [CompletionResultType]::ParameterName, 'Take the prompts from this column or key; `meta.caption` is one inside another')
            [CompletionResult]::new('--prompt-template', '--prompt-template', [CompletionResultType]::ParameterName, 'Put the prompt together from columns or keys: `{subject}, {place}`')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Choose models: `provider/model`, an alias, `auto`, or several with commas [default: auto]')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Choose models: `provider/model`, an alias, `auto`, or several with commas [default: auto]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or to stdout (`-`) [default: .]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or to stdout (`-`) [default: .]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Make so many images [default: 1]')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Make so many images [default: 1]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Ask for a size in pixels [default: 1024x1024]')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Ask for a size in pixels [default: 1024x1024]')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Ask for a ratio instead, such as 16:9')
            [CompletionResult]::new('--aspect', '--aspect', [CompletionResultType]::ParameterName, 'Ask for a ratio instead, such as 16:9')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'Ask for a quality in the model''s own word [default: medium, where there is one]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Ask for png, jpeg, webp, gif, avif or svg [default: the model''s own]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Ask for png, jpeg, webp, gif, avif or svg [default: the model''s own]')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'Choose a style of `pinx styles`')
            [CompletionResult]::new('--colors', '--colors', [CompletionResultType]::ParameterName, 'Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`')
            [CompletionResult]::new('--negative', '--negative', [CompletionResultType]::ParameterName, 'Say what should not be seen')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Repeat a picture on models that honour it [default: random]')
            [CompletionResult]::new('--background', '--background', [CompletionResultType]::ParameterName, 'Ask for a background: transparent, opaque or auto')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Set words in type over the picture (pinx/sketch only)')
            [CompletionResult]::new('--prefer', '--prefer', [CompletionResultType]::ParameterName, 'Let `auto` choose the cheap, fast or best one')
            [CompletionResult]::new('--balance', '--balance', [CompletionResultType]::ParameterName, 'Take equal routes first as ordered, weighted, cheapest or fastest [default: ordered]')
            [CompletionResult]::new('--fallback', '--fallback', [CompletionResultType]::ParameterName, 'Fall back to these models [default: the same model elsewhere]')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Pass a field to the provider as it is (JSON or text), repeatable')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Pass a field to the provider as it is (JSON or text), repeatable')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'Send to this address instead of the provider''s own')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Refuse to spend more than so many dollars in this run')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Fill `{KEY}` in the prompt, repeatable')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Run so many jobs at once [default: 4]')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Run so many jobs at once [default: 4]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up on a request after this long [default: 5m, 10m for slow work]')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Start no new attempt after this long [default: 15m]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Repeat a request that cost nothing so often [default: 2]')
            [CompletionResult]::new('--retry-ambiguous', '--retry-ambiguous', [CompletionResultType]::ParameterName, 'Repeat a request of unknown outcome so often; each may be billed again [default: 0]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--retry-failed', '--retry-failed', [CompletionResultType]::ParameterName, 'Make again what was refused or rejected before')
            [CompletionResult]::new('--redo-missing', '--redo-missing', [CompletionResultType]::ParameterName, 'Make again what was made before and whose file is gone')
            [CompletionResult]::new('--adopt', '--adopt', [CompletionResultType]::ParameterName, 'Take what is there under a job''s name for its image, whatever it is')
            [CompletionResult]::new('--claim', '--claim', [CompletionResultType]::ParameterName, 'Claim each job in the output directory before it is paid for, so that other machines with a home of their own leave it alone; always so with `--shard`')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'Begin nothing more after the first failure')
            [CompletionResult]::new('--sketch', '--sketch', [CompletionResultType]::ParameterName, 'With `--dry-run`: draw every picture with pinx/sketch, for nothing, under its own name')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'Print one JSON document a job on stdout, as each ends')
            [CompletionResult]::new('--ignore-unknown', '--ignore-unknown', [CompletionResultType]::ParameterName, 'Leave out columns and keys that pinx does not know')
            [CompletionResult]::new('--no-fallback', '--no-fallback', [CompletionResultType]::ParameterName, 'Fall back to nothing')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse to adjust what the model cannot do exactly')
            [CompletionResult]::new('--allow-unknown-cost', '--allow-unknown-cost', [CompletionResultType]::ParameterName, 'Send requests of unknown price although there is a limit')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Agree to the estimate without being asked')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Agree to the estimate without being asked')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Use the same picture again if it was made before [default: only with `--seed`]')
            [CompletionResult]::new('--no-cache', '--no-cache', [CompletionResultType]::ParameterName, 'Make it anew even if it was made before, and keep no copy')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the plan and its price, send nothing')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace existing files')
            [CompletionResult]::new('--no-metadata', '--no-metadata', [CompletionResultType]::ParameterName, 'Leave the recipe out of the image')
            [CompletionResult]::new('--cancel-on-interrupt', '--cancel-on-interrupt', [CompletionResultType]::ParameterName, 'Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;compare' {
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Compare with every prompt of this file (.txt .jsonl .csv .tsv .yaml .json .toml), repeatable')
            [CompletionResult]::new('--prompt-file', '--prompt-file', [CompletionResultType]::ParameterName, 'Read the prompt from a file')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Call it this besides, for `pinx stats --ab --tag`; repeatable')
            [CompletionResult]::new('--prompt-column', '--prompt-column', [CompletionResultType]::ParameterName, 'Take the prompts from this column or key; `meta.caption` is one inside another')
            [CompletionResult]::new('--prompt-template', '--prompt-template', [CompletionResultType]::ParameterName, 'Put the prompt together from columns or keys: `{subject}, {place}`')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Ask for a size in pixels [default: 1024x1024]')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Ask for a size in pixels [default: 1024x1024]')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Ask for a ratio instead, such as 16:9')
            [CompletionResult]::new('--aspect', '--aspect', [CompletionResultType]::ParameterName, 'Ask for a ratio instead, such as 16:9')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'Ask for a quality in the model''s own word [default: medium, where there is one]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Ask for png, jpeg, webp, gif, avif or svg [default: the model''s own]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Ask for png, jpeg, webp, gif, avif or svg [default: the model''s own]')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'Choose a style of `pinx styles`')
            [CompletionResult]::new('--colors', '--colors', [CompletionResultType]::ParameterName, 'Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`')
            [CompletionResult]::new('--negative', '--negative', [CompletionResultType]::ParameterName, 'Say what should not be seen')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Repeat a picture on models that honour it [default: random]')
            [CompletionResult]::new('--background', '--background', [CompletionResultType]::ParameterName, 'Ask for a background: transparent, opaque or auto')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Set words in type over the picture (pinx/sketch only)')
            [CompletionResult]::new('--prefer', '--prefer', [CompletionResultType]::ParameterName, 'Let `auto` choose the cheap, fast or best one')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Pass a field to the provider as it is (JSON or text), repeatable')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Pass a field to the provider as it is (JSON or text), repeatable')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'Send to this address instead of the provider''s own')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Refuse to spend more than so many dollars in this run')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Fill `{KEY}` in the prompt, repeatable')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Run so many jobs at once [default: 4]')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Run so many jobs at once [default: 4]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up on a request after this long [default: 5m, 10m for slow work]')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Start no new attempt after this long [default: 15m]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Repeat a request that cost nothing so often [default: 2]')
            [CompletionResult]::new('--retry-ambiguous', '--retry-ambiguous', [CompletionResultType]::ParameterName, 'Repeat a request of unknown outcome so often; each may be billed again [default: 0]')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Name the models, at least two: `provider/model`, aliases, with commas')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Name the models, at least two: `provider/model`, aliases, with commas')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Put images and pages into this directory [default: compare-SLUG/]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Put images and pages into this directory [default: compare-SLUG/]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Make so many images of each model [default: 1]')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Make so many images of each model [default: 1]')
            [CompletionResult]::new('--balance', '--balance', [CompletionResultType]::ParameterName, 'Take equal routes first as ordered, weighted, cheapest or fastest [default: ordered]')
            [CompletionResult]::new('--fallback', '--fallback', [CompletionResultType]::ParameterName, 'Fall back to these models [default: the same model elsewhere]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--blind', '--blind', [CompletionResultType]::ParameterName, 'Hide which model is which (A, B, C) until a verdict is there')
            [CompletionResult]::new('--judge', '--judge', [CompletionResultType]::ParameterName, 'Ask which is best when the images are made')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Open the page in the browser')
            [CompletionResult]::new('--ignore-unknown', '--ignore-unknown', [CompletionResultType]::ParameterName, 'Leave out columns and keys that pinx does not know')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse to adjust what the model cannot do exactly')
            [CompletionResult]::new('--allow-unknown-cost', '--allow-unknown-cost', [CompletionResultType]::ParameterName, 'Send requests of unknown price although there is a limit')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Agree to the estimate without being asked')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Agree to the estimate without being asked')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Use the same picture again if it was made before [default: only with `--seed`]')
            [CompletionResult]::new('--no-cache', '--no-cache', [CompletionResultType]::ParameterName, 'Make it anew even if it was made before, and keep no copy')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the plan and its price, send nothing')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace existing files')
            [CompletionResult]::new('--no-metadata', '--no-metadata', [CompletionResultType]::ParameterName, 'Leave the recipe out of the image')
            [CompletionResult]::new('--cancel-on-interrupt', '--cancel-on-interrupt', [CompletionResultType]::ParameterName, 'Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`')
            [CompletionResult]::new('--no-fallback', '--no-fallback', [CompletionResultType]::ParameterName, 'Fall back to nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;vote' {
            [CompletionResult]::new('--prompt', '--prompt', [CompletionResultType]::ParameterName, 'Say for which prompt of a file: its number or its name')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;info' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;redo' {
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Change the recipe, repeatable: prompt, negative, model, size, aspect, quality, seed, style, colors, background, format, label, params.KEY; an empty value takes it out')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Choose models: `provider/model`, an alias, `auto`, or several with commas [default: the recipe''s]')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Choose models: `provider/model`, an alias, `auto`, or several with commas [default: the recipe''s]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or to stdout (`-`) [default: .]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Save as a file, into a directory (ends in `/`), by a template (`{date}/{slug}.{ext}`) or to stdout (`-`) [default: .]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Make so many images [default: 1]')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Make so many images [default: 1]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Ask for a size in pixels [default: the recipe''s]')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Ask for a size in pixels [default: the recipe''s]')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Ask for a ratio instead, such as 16:9')
            [CompletionResult]::new('--aspect', '--aspect', [CompletionResultType]::ParameterName, 'Ask for a ratio instead, such as 16:9')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'Ask for a quality in the model''s own word [default: the recipe''s]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Ask for png, jpeg, webp, gif, avif or svg [default: the recipe''s]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Ask for png, jpeg, webp, gif, avif or svg [default: the recipe''s]')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'Choose a style of `pinx styles`')
            [CompletionResult]::new('--colors', '--colors', [CompletionResultType]::ParameterName, 'Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`')
            [CompletionResult]::new('--negative', '--negative', [CompletionResultType]::ParameterName, 'Say what should not be seen')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Repeat a picture on models that honour it [default: the recipe''s]')
            [CompletionResult]::new('--background', '--background', [CompletionResultType]::ParameterName, 'Ask for a background: transparent, opaque or auto')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Set words in type over the picture (pinx/sketch only)')
            [CompletionResult]::new('--prefer', '--prefer', [CompletionResultType]::ParameterName, 'Let `auto` choose the cheap, fast or best one')
            [CompletionResult]::new('--balance', '--balance', [CompletionResultType]::ParameterName, 'Take equal routes first as ordered, weighted, cheapest or fastest [default: ordered]')
            [CompletionResult]::new('--fallback', '--fallback', [CompletionResultType]::ParameterName, 'Fall back to these models [default: the same model elsewhere]')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Pass a field to the provider as it is (JSON or text), repeatable')
            [CompletionResult]::new('--param', '--param', [CompletionResultType]::ParameterName, 'Pass a field to the provider as it is (JSON or text), repeatable')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'Send to this address instead of the provider''s own')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Refuse to spend more than so many dollars in this run')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Run so many jobs at once [default: 4]')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Run so many jobs at once [default: 4]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up on a request after this long [default: 5m, 10m for slow work]')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Start no new attempt after this long [default: 15m]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Repeat a request that cost nothing so often [default: 2]')
            [CompletionResult]::new('--retry-ambiguous', '--retry-ambiguous', [CompletionResultType]::ParameterName, 'Repeat a request of unknown outcome so often; each may be billed again [default: 0]')
            [CompletionResult]::new('--preview', '--preview', [CompletionResultType]::ParameterName, 'Show the picture in the terminal: auto, on or off [default: auto]')
            [CompletionResult]::new('--prompt-file', '--prompt-file', [CompletionResultType]::ParameterName, 'Read the prompt from a file')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Fill `{KEY}` in the prompt, repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--no-fallback', '--no-fallback', [CompletionResultType]::ParameterName, 'Fall back to nothing')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse to adjust what the model cannot do exactly')
            [CompletionResult]::new('--allow-unknown-cost', '--allow-unknown-cost', [CompletionResultType]::ParameterName, 'Send requests of unknown price although there is a limit')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Agree to the estimate without being asked')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Agree to the estimate without being asked')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Use the same picture again if it was made before [default: only with `--seed`]')
            [CompletionResult]::new('--no-cache', '--no-cache', [CompletionResultType]::ParameterName, 'Make it anew even if it was made before, and keep no copy')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the plan and its price, send nothing')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace existing files')
            [CompletionResult]::new('--no-metadata', '--no-metadata', [CompletionResultType]::ParameterName, 'Leave the recipe out of the image')
            [CompletionResult]::new('--cancel-on-interrupt', '--cancel-on-interrupt', [CompletionResultType]::ParameterName, 'Cancel queued jobs when interrupted, instead of leaving them to `pinx recover`')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Open the picture in the viewer')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;open' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;recover' {
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Go on with a job for at most so long [default: 15m]')
            [CompletionResult]::new('--forget', '--forget', [CompletionResultType]::ParameterName, 'Close what stays unknown, or free what another machine has claimed: unique starts of ids, `all-unknown`, or `damaged` for the damaged lines of the log')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List what is open, ask nobody')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'With `--forget`: do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'With `--forget`: do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;models' {
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Show those of one provider, with or without a key')
            [CompletionResult]::new('--can', '--can', [CompletionResultType]::ParameterName, 'Show those that can all of this: seed, negative, alpha, svg, colors or style')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort by cost, time or name [default: by provider]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Price an image of this size [default: 1024x1024, or your `size`]')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Price an image of this size [default: 1024x1024, or your `size`]')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'Price an image of this quality [default: the model''s own]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Show also those without a key, retired ones and those that only a refresh found')
            [CompletionResult]::new('--free', '--free', [CompletionResultType]::ParameterName, 'Show those that cost nothing')
            [CompletionResult]::new('--wide', '--wide', [CompletionResultType]::ParameterName, 'Show aliases too')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Ask the providers what they have now; costs nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print all that is known of one model')
            break
        }
        'pinx;models;show' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Price an image of this size [default: 1024x1024, or your `size`]')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Price an image of this size [default: 1024x1024, or your `size`]')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'Price an image of this quality [default: the model''s own]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;providers' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Ask each configured provider something free, to see whether its key is good')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;keys' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Store a provider''s key, typed unseen, and ask the provider whether it is good')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List where each provider''s key is found (this is the default)')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a stored key')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Ask providers something free that needs a good key')
            break
        }
        'pinx;keys;set' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The same behind a flag that other programs have')
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Store a further key beside the first, 2 to 9; they share the load')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--stdin', '--stdin', [CompletionResultType]::ParameterName, 'Read the key from stdin')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Store it without asking the provider whether it is good')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;keys;list' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;keys;remove' {
            [CompletionResult]::new('--slot', '--slot', [CompletionResultType]::ParameterName, 'Remove this further key instead of the first')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;keys;test' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;config' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every setting with its value and where it comes from (this is the default)')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the value of one setting')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change one setting in your file')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open your file in an editor, then check it')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where your file is')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a file to start from, every setting explained')
            break
        }
        'pinx;config;show' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;config;get' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;config;set' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;config;edit' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;config;path' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;config;init' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;styles' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print all that a style adds, or the colours of a palette')
            break
        }
        'pinx;styles;show' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;log' {
            [CompletionResult]::new('--text', '--text', [CompletionResultType]::ParameterName, 'Find this text in prompts, file names, styles and ids')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Keep what began on this day or later: 2026-11-22, 2026-11, today, month, 7d, 12h')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Keep what began on this day or earlier')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Keep one model: its id, or a part of its name')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Keep one provider')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Keep one status')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Keep what has this tag')
            [CompletionResult]::new('--run', '--run', [CompletionResultType]::ParameterName, 'Keep one run, or one job of it, by the start of its id')
            [CompletionResult]::new('--min-cost', '--min-cost', [CompletionResultType]::ParameterName, 'Keep what cost so many dollars or more')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Keep what cost so many dollars or less')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show the newest so many, 0 for all')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Show the newest so many, 0 for all')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print it at once, also where it is longer than the terminal is high')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show everything about one job or run')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the log is kept')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write all jobs as CSV, however many')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove old months of the log')
            break
        }
        'pinx;log;show' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print it at once, also where it is longer than the terminal is high')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;log;path' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print it at once, also where it is longer than the terminal is high')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;log;export' {
            [CompletionResult]::new('--text', '--text', [CompletionResultType]::ParameterName, 'Find this text in prompts, file names, styles and ids')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Keep what began on this day or later: 2026-11-22, 2026-11, today, month, 7d, 12h')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Keep what began on this day or earlier')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Keep one model: its id, or a part of its name')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Keep one provider')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Keep one status')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Keep what has this tag')
            [CompletionResult]::new('--run', '--run', [CompletionResultType]::ParameterName, 'Keep one run, or one job of it, by the start of its id')
            [CompletionResult]::new('--min-cost', '--min-cost', [CompletionResultType]::ParameterName, 'Keep what cost so many dollars or more')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Keep what cost so many dollars or less')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Write CSV, the only form there is so far')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print it at once, also where it is longer than the terminal is high')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;log;prune' {
            [CompletionResult]::new('--before', '--before', [CompletionResultType]::ParameterName, 'Remove the months that ended before this day: 2026-06-01, 2026-06, 180d')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print it at once, also where it is longer than the terminal is high')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;stats' {
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'Group by provider, model, route, gateway, key, day, week, month, tag or style')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Count what ended on this day or later: 2026-11-22, 2026-11, today, month, 7d, 12h')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Count what ended on this day or earlier')
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Count one provider')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Count one model: its id, or a part of its name')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Count what has this tag')
            [CompletionResult]::new('--style', '--style', [CompletionResultType]::ParameterName, 'With `--ab`: count comparisons in this style')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write them with charts into a page of its own, `-` for stdout')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--ab', '--ab', [CompletionResultType]::ParameterName, 'Rank models by the verdicts of `pinx compare` and `pinx vote`')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Print the groups as CSV')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace a file that is no page of pinx, or was changed')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;doctor' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask nobody, neither providers nor this machine''s own servers')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;cache' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the pictures, the most recently used first')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove the least recently used pictures')
            [CompletionResult]::new('clear', 'clear', [CompletionResultType]::ParameterValue, 'Remove every picture')
            break
        }
        'pinx;cache;ls' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;cache;prune' {
            [CompletionResult]::new('--max-size', '--max-size', [CompletionResultType]::ParameterName, 'Keep so many bytes at most, such as 100MiB [default: the setting `cache.max_size`]')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Remove what was not used for this long, such as 30d or 12h')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;cache;clear' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;man' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write all pages below this directory instead, in `man1`, `man5` and `man7`')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write all pages below this directory instead, in `man1`, `man5` and `man7`')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pinx;help' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the text [default: auto]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this settings file instead of the user''s')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Draw no bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Make images from a prompt')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Make images from prompt files, resumable')
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'Make one prompt with several models, side by side')
            [CompletionResult]::new('vote', 'vote', [CompletionResultType]::ParameterValue, 'Say which model of a comparison is best')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Tell what images are and how they were made')
            [CompletionResult]::new('redo', 'redo', [CompletionResultType]::ParameterValue, 'Make images again, with changes if wanted')
            [CompletionResult]::new('open', 'open', [CompletionResultType]::ParameterValue, 'Show images, or the page of a comparison, in the system''s viewer')
            [CompletionResult]::new('recover', 'recover', [CompletionResultType]::ParameterValue, 'Finish what was interrupted: collect paid jobs, save kept bytes')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List models with price, time and sizes')
            [CompletionResult]::new('providers', 'providers', [CompletionResultType]::ParameterValue, 'List providers, their keys and addresses')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'Store, list, remove or test API keys')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show or change settings')
            [CompletionResult]::new('styles', 'styles', [CompletionResultType]::ParameterValue, 'List styles and palettes')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'List what was made')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Tell what was spent, on what, how fast and how well it went; rank models by verdicts')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check keys, providers, disk, log and terminal; spends nothing')
            [CompletionResult]::new('cache', 'cache', [CompletionResultType]::ParameterValue, 'List or empty the cache of pictures made before')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print shell completions')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            break
        }
        'pinx;help;generate' {
            break
        }
        'pinx;help;batch' {
            break
        }
        'pinx;help;compare' {
            break
        }
        'pinx;help;vote' {
            break
        }
        'pinx;help;info' {
            break
        }
        'pinx;help;redo' {
            break
        }
        'pinx;help;open' {
            break
        }
        'pinx;help;recover' {
            break
        }
        'pinx;help;models' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print all that is known of one model')
            break
        }
        'pinx;help;models;show' {
            break
        }
        'pinx;help;providers' {
            break
        }
        'pinx;help;keys' {
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Store a provider''s key, typed unseen, and ask the provider whether it is good')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List where each provider''s key is found (this is the default)')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a stored key')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Ask providers something free that needs a good key')
            break
        }
        'pinx;help;keys;set' {
            break
        }
        'pinx;help;keys;list' {
            break
        }
        'pinx;help;keys;remove' {
            break
        }
        'pinx;help;keys;test' {
            break
        }
        'pinx;help;config' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every setting with its value and where it comes from (this is the default)')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the value of one setting')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change one setting in your file')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open your file in an editor, then check it')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where your file is')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a file to start from, every setting explained')
            break
        }
        'pinx;help;config;show' {
            break
        }
        'pinx;help;config;get' {
            break
        }
        'pinx;help;config;set' {
            break
        }
        'pinx;help;config;edit' {
            break
        }
        'pinx;help;config;path' {
            break
        }
        'pinx;help;config;init' {
            break
        }
        'pinx;help;styles' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print all that a style adds, or the colours of a palette')
            break
        }
        'pinx;help;styles;show' {
            break
        }
        'pinx;help;log' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show everything about one job or run')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the log is kept')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write all jobs as CSV, however many')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove old months of the log')
            break
        }
        'pinx;help;log;show' {
            break
        }
        'pinx;help;log;path' {
            break
        }
        'pinx;help;log;export' {
            break
        }
        'pinx;help;log;prune' {
            break
        }
        'pinx;help;stats' {
            break
        }
        'pinx;help;doctor' {
            break
        }
        'pinx;help;cache' {
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the pictures, the most recently used first')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove the least recently used pictures')
            [CompletionResult]::new('clear', 'clear', [CompletionResultType]::ParameterValue, 'Remove every picture')
            break
        }
        'pinx;help;cache;ls' {
            break
        }
        'pinx;help;cache;prune' {
            break
        }
        'pinx;help;cache;clear' {
            break
        }
        'pinx;help;completions' {
            break
        }
        'pinx;help;man' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
