_pinx() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="pinx"
                ;;
            pinx,batch)
                cmd="pinx__subcmd__batch"
                ;;
            pinx,cache)
                cmd="pinx__subcmd__cache"
                ;;
            pinx,compare)
                cmd="pinx__subcmd__compare"
                ;;
            pinx,completions)
                cmd="pinx__subcmd__completions"
                ;;
            pinx,config)
                cmd="pinx__subcmd__config"
                ;;
            pinx,doctor)
                cmd="pinx__subcmd__doctor"
                ;;
            pinx,edit)
                cmd="pinx__subcmd__edit"
                ;;
            pinx,generate)
                cmd="pinx__subcmd__generate"
                ;;
            pinx,help)
                cmd="pinx__subcmd__help"
                ;;
            pinx,info)
                cmd="pinx__subcmd__info"
                ;;
            pinx,keys)
                cmd="pinx__subcmd__keys"
                ;;
            pinx,log)
                cmd="pinx__subcmd__log"
                ;;
            pinx,man)
                cmd="pinx__subcmd__man"
                ;;
            pinx,mcp)
                cmd="pinx__subcmd__mcp"
                ;;
            pinx,models)
                cmd="pinx__subcmd__models"
                ;;
            pinx,open)
                cmd="pinx__subcmd__open"
                ;;
            pinx,providers)
                cmd="pinx__subcmd__providers"
                ;;
            pinx,recover)
                cmd="pinx__subcmd__recover"
                ;;
            pinx,redo)
                cmd="pinx__subcmd__redo"
                ;;
            pinx,serve)
                cmd="pinx__subcmd__serve"
                ;;
            pinx,skill)
                cmd="pinx__subcmd__skill"
                ;;
            pinx,stats)
                cmd="pinx__subcmd__stats"
                ;;
            pinx,styles)
                cmd="pinx__subcmd__styles"
                ;;
            pinx,vote)
                cmd="pinx__subcmd__vote"
                ;;
            pinx__subcmd__cache,clear)
                cmd="pinx__subcmd__cache__subcmd__clear"
                ;;
            pinx__subcmd__cache,ls)
                cmd="pinx__subcmd__cache__subcmd__ls"
                ;;
            pinx__subcmd__cache,prune)
                cmd="pinx__subcmd__cache__subcmd__prune"
                ;;
            pinx__subcmd__config,edit)
                cmd="pinx__subcmd__config__subcmd__edit"
                ;;
            pinx__subcmd__config,get)
                cmd="pinx__subcmd__config__subcmd__get"
                ;;
            pinx__subcmd__config,init)
                cmd="pinx__subcmd__config__subcmd__init"
                ;;
            pinx__subcmd__config,path)
                cmd="pinx__subcmd__config__subcmd__path"
                ;;
            pinx__subcmd__config,set)
                cmd="pinx__subcmd__config__subcmd__set"
                ;;
            pinx__subcmd__config,show)
                cmd="pinx__subcmd__config__subcmd__show"
                ;;
            pinx__subcmd__config,unset)
                cmd="pinx__subcmd__config__subcmd__unset"
                ;;
            pinx__subcmd__keys,list)
                cmd="pinx__subcmd__keys__subcmd__list"
                ;;
            pinx__subcmd__keys,remove)
                cmd="pinx__subcmd__keys__subcmd__remove"
                ;;
            pinx__subcmd__keys,set)
                cmd="pinx__subcmd__keys__subcmd__set"
                ;;
            pinx__subcmd__keys,test)
                cmd="pinx__subcmd__keys__subcmd__test"
                ;;
            pinx__subcmd__log,export)
                cmd="pinx__subcmd__log__subcmd__export"
                ;;
            pinx__subcmd__log,path)
                cmd="pinx__subcmd__log__subcmd__path"
                ;;
            pinx__subcmd__log,prune)
                cmd="pinx__subcmd__log__subcmd__prune"
                ;;
            pinx__subcmd__log,show)
                cmd="pinx__subcmd__log__subcmd__show"
                ;;
            pinx__subcmd__models,show)
                cmd="pinx__subcmd__models__subcmd__show"
                ;;
            pinx__subcmd__serve,keys)
                cmd="pinx__subcmd__serve__subcmd__keys"
                ;;
            pinx__subcmd__serve__subcmd__keys,add)
                cmd="pinx__subcmd__serve__subcmd__keys__subcmd__add"
                ;;
            pinx__subcmd__serve__subcmd__keys,list)
                cmd="pinx__subcmd__serve__subcmd__keys__subcmd__list"
                ;;
            pinx__subcmd__serve__subcmd__keys,remove)
                cmd="pinx__subcmd__serve__subcmd__keys__subcmd__remove"
                ;;
            pinx__subcmd__serve__subcmd__keys,set)
                cmd="pinx__subcmd__serve__subcmd__keys__subcmd__set"
                ;;
            pinx__subcmd__skill,install)
                cmd="pinx__subcmd__skill__subcmd__install"
                ;;
            pinx__subcmd__skill,remove)
                cmd="pinx__subcmd__skill__subcmd__remove"
                ;;
            pinx__subcmd__skill,show)
                cmd="pinx__subcmd__skill__subcmd__show"
                ;;
            pinx__subcmd__styles,show)
                cmd="pinx__subcmd__styles__subcmd__show"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        pinx)
            opts="-q -v -h -V --json --quiet --verbose --no-progress --color --config --help --version generate edit batch compare vote info redo open recover models providers keys config styles log stats doctor cache skill serve mcp completions man help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__batch)
            opts="-m -n -s -a -f -i -P -y -j -o -q -v -h --retry-failed --redo-missing --adopt --only --limit --claim --shard --fail-fast --sketch --jsonl --gallery --prompt-column --prompt-template --ignore-unknown --model --count --size --aspect --quality --format --style --colors --negative --seed --background --label --input-fidelity --image --mask --mask-means --fit --prefer --balance --fallback --no-fallback --strict --param --base-url --max-cost --allow-unknown-cost --yes --cache --no-cache --dry-run --var --force --no-metadata --concurrency --timeout --deadline --retries --retry-ambiguous --cancel-on-interrupt --output --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --only)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --limit)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --shard)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --gallery)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --prompt-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --prompt-template)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --count)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --size)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                --aspect)
                    COMPREPLY=($(compgen -W "1:1 16:9 9:16 3:2 2:3 4:3 3:4 21:9 4:5" -- "${cur}"))
                    return 0
                    ;;
                -a)
                    COMPREPLY=($(compgen -W "1:1 16:9 9:16 3:2 2:3 4:3 3:4 21:9 4:5" -- "${cur}"))
                    return 0
                    ;;
                --quality)
                    COMPREPLY=($(compgen -W "low medium high xhigh max auto standard hd TURBO BALANCED QUALITY" -- "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "png jpeg webp gif avif svg" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "png jpeg webp gif avif svg" -- "${cur}"))
                    return 0
                    ;;
                --style)
                    COMPREPLY=($(compgen -W "voxel-3d watercolor line-art pixel-art isometric low-poly flat noir gradient pattern identicon og-card blueprint sticker photo studio-portrait product cinematic macro anime comic childrens-book kawaii psychedelic vector poster retro-80s engraving oil-painting pencil-sketch ink-wash claymation 3d-render paper-cut" -- "${cur}"))
                    return 0
                    ;;
                --colors)
                    COMPREPLY=($(compgen -W "sunset ocean forest pastel neon mono autumn candy nordic earth berry spring desert midnight" -- "${cur}"))
                    return 0
                    ;;
                --negative)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --background)
                    COMPREPLY=($(compgen -W "transparent opaque auto" -- "${cur}"))
                    return 0
                    ;;
                --label)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --input-fidelity)
                    COMPREPLY=($(compgen -W "high low" -- "${cur}"))
                    return 0
                    ;;
                --image)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -i)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mask)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mask-means)
                    COMPREPLY=($(compgen -W "white transparent" -- "${cur}"))
                    return 0
                    ;;
                --prefer)
                    COMPREPLY=($(compgen -W "cheap fast best" -- "${cur}"))
                    return 0
                    ;;
                --balance)
                    COMPREPLY=($(compgen -W "ordered weighted cheapest fastest" -- "${cur}"))
                    return 0
                    ;;
                --fallback)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --param)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -P)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --base-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --max-cost)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --var)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --concurrency)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -j)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retry-ambiguous)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__cache)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help ls prune clear"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__cache__subcmd__clear)
            opts="-y -q -v -h --yes --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__cache__subcmd__ls)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__cache__subcmd__prune)
            opts="-q -v -h --max-size --older-than --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --max-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --older-than)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__compare)
            opts="-s -a -f -i -P -y -j -m -o -n -q -v -h --batch --prompt-file --blind --judge --open --tag --prompt-column --prompt-template --ignore-unknown --size --aspect --format --colors --negative --background --label --input-fidelity --image --mask --mask-means --fit --prefer --strict --param --base-url --max-cost --allow-unknown-cost --yes --cache --no-cache --dry-run --var --force --no-metadata --concurrency --timeout --deadline --retries --retry-ambiguous --cancel-on-interrupt --model --style --quality --seed --output --count --json --quiet --verbose --no-progress --color --config --help ordered weighted cheapest fastest auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --batch)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --prompt-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tag)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --prompt-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --prompt-template)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --size)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                --aspect)
                    COMPREPLY=($(compgen -W "1:1 16:9 9:16 3:2 2:3 4:3 3:4 21:9 4:5" -- "${cur}"))
                    return 0
                    ;;
                -a)
                    COMPREPLY=($(compgen -W "1:1 16:9 9:16 3:2 2:3 4:3 3:4 21:9 4:5" -- "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "png jpeg webp gif avif svg" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "png jpeg webp gif avif svg" -- "${cur}"))
                    return 0
                    ;;
                --colors)
                    COMPREPLY=($(compgen -W "sunset ocean forest pastel neon mono autumn candy nordic earth berry spring desert midnight" -- "${cur}"))
                    return 0
                    ;;
                --negative)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --background)
                    COMPREPLY=($(compgen -W "transparent opaque auto" -- "${cur}"))
                    return 0
                    ;;
                --label)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --input-fidelity)
                    COMPREPLY=($(compgen -W "high low" -- "${cur}"))
                    return 0
                    ;;
                --image)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -i)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mask)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mask-means)
                    COMPREPLY=($(compgen -W "white transparent" -- "${cur}"))
                    return 0
                    ;;
                --prefer)
                    COMPREPLY=($(compgen -W "cheap fast best" -- "${cur}"))
                    return 0
                    ;;
                --param)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -P)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --base-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --max-cost)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --var)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --concurrency)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -j)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retry-ambiguous)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --style)
                    COMPREPLY=($(compgen -W "voxel-3d watercolor line-art pixel-art isometric low-poly flat noir gradient pattern identicon og-card blueprint sticker photo studio-portrait product cinematic macro anime comic childrens-book kawaii psychedelic vector poster retro-80s engraving oil-painting pencil-sketch ink-wash claymation 3d-render paper-cut" -- "${cur}"))
                    return 0
                    ;;
                --quality)
                    COMPREPLY=($(compgen -W "low medium high xhigh max auto standard hd TURBO BALANCED QUALITY" -- "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                -o)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --count)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__completions)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help bash elvish fish powershell zsh"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__config)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help show get set unset edit path init"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__config__subcmd__edit)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__config__subcmd__get)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help model prefer auto_order fallback fallback_on balance count size aspect quality format seed negative style colors background output metadata concurrency retries retry_ambiguous max_attempts stop_after_unusable timeout timeout_long connect_timeout idle_timeout deadline wait_cap confirm_above allow_unknown_cost strict cancel_on_interrupt preview partials notify body_memory answer_limit backoff backoff_max poll_first poll_max budget.run budget.day budget.month tls.roots cache.mode cache.max_size serve.listen serve.hosts serve.origins serve.require_key serve.max_images serve.drain mcp.max_cost_session mcp.output"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__config__subcmd__init)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__config__subcmd__path)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__config__subcmd__set)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help model prefer auto_order fallback fallback_on balance count size aspect quality format seed negative style colors background output metadata concurrency retries retry_ambiguous max_attempts stop_after_unusable timeout timeout_long connect_timeout idle_timeout deadline wait_cap confirm_above allow_unknown_cost strict cancel_on_interrupt preview partials notify body_memory answer_limit backoff backoff_max poll_first poll_max budget.run budget.day budget.month tls.roots cache.mode cache.max_size serve.listen serve.hosts serve.origins serve.require_key serve.max_images serve.drain mcp.max_cost_session mcp.output"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__config__subcmd__show)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__config__subcmd__unset)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help model prefer auto_order fallback fallback_on balance count size aspect quality format seed negative style colors background output metadata concurrency retries retry_ambiguous max_attempts stop_after_unusable timeout timeout_long connect_timeout idle_timeout deadline wait_cap confirm_above allow_unknown_cost strict cancel_on_interrupt preview partials notify body_memory answer_limit backoff backoff_max poll_first poll_max budget.run budget.day budget.month tls.roots cache.mode cache.max_size serve.listen serve.hosts serve.origins serve.require_key serve.max_images serve.drain mcp.max_cost_session mcp.output"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__doctor)
            opts="-q -v -h --offline --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__edit)
            opts="-m -o -n -a -f -P -y -j -i -s -q -v -h --model --output --count --aspect --quality --format --style --colors --negative --seed --background --label --input-fidelity --mask --mask-means --fit --prefer --balance --fallback --no-fallback --strict --param --base-url --max-cost --allow-unknown-cost --yes --cache --no-cache --dry-run --var --force --no-metadata --concurrency --timeout --deadline --retries --retry-ambiguous --cancel-on-interrupt --prompt-file --preview --partials --open --image --size --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --model)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --count)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --aspect)
                    COMPREPLY=($(compgen -W "1:1 16:9 9:16 3:2 2:3 4:3 3:4 21:9 4:5" -- "${cur}"))
                    return 0
                    ;;
                -a)
                    COMPREPLY=($(compgen -W "1:1 16:9 9:16 3:2 2:3 4:3 3:4 21:9 4:5" -- "${cur}"))
                    return 0
                    ;;
                --quality)
                    COMPREPLY=($(compgen -W "low medium high xhigh max auto standard hd TURBO BALANCED QUALITY" -- "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "png jpeg webp gif avif svg" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "png jpeg webp gif avif svg" -- "${cur}"))
                    return 0
                    ;;
                --style)
                    COMPREPLY=($(compgen -W "voxel-3d watercolor line-art pixel-art isometric low-poly flat noir gradient pattern identicon og-card blueprint sticker photo studio-portrait product cinematic macro anime comic childrens-book kawaii psychedelic vector poster retro-80s engraving oil-painting pencil-sketch ink-wash claymation 3d-render paper-cut" -- "${cur}"))
                    return 0
                    ;;
                --colors)
                    COMPREPLY=($(compgen -W "sunset ocean forest pastel neon mono autumn candy nordic earth berry spring desert midnight" -- "${cur}"))
                    return 0
                    ;;
                --negative)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --background)
                    COMPREPLY=($(compgen -W "transparent opaque auto" -- "${cur}"))
                    return 0
                    ;;
                --label)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --input-fidelity)
                    COMPREPLY=($(compgen -W "high low" -- "${cur}"))
                    return 0
                    ;;
                --mask)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mask-means)
                    COMPREPLY=($(compgen -W "white transparent" -- "${cur}"))
                    return 0
                    ;;
                --prefer)
                    COMPREPLY=($(compgen -W "cheap fast best" -- "${cur}"))
                    return 0
                    ;;
                --balance)
                    COMPREPLY=($(compgen -W "ordered weighted cheapest fastest" -- "${cur}"))
                    return 0
                    ;;
                --fallback)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --param)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -P)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --base-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --max-cost)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --var)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --concurrency)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -j)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retry-ambiguous)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --prompt-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --preview)
                    COMPREPLY=($(compgen -W "auto on off" -- "${cur}"))
                    return 0
                    ;;
                --partials)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --image)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -i)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --size)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__generate)
            opts="-m -o -n -s -a -f -i -P -y -j -q -v -h --model --output --count --size --aspect --quality --format --style --colors --negative --seed --background --label --input-fidelity --image --mask --mask-means --fit --prefer --balance --fallback --no-fallback --strict --param --base-url --max-cost --allow-unknown-cost --yes --cache --no-cache --dry-run --var --force --no-metadata --concurrency --timeout --deadline --retries --retry-ambiguous --cancel-on-interrupt --prompt-file --preview --partials --open --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --model)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --count)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --size)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                --aspect)
                    COMPREPLY=($(compgen -W "1:1 16:9 9:16 3:2 2:3 4:3 3:4 21:9 4:5" -- "${cur}"))
                    return 0
                    ;;
                -a)
                    COMPREPLY=($(compgen -W "1:1 16:9 9:16 3:2 2:3 4:3 3:4 21:9 4:5" -- "${cur}"))
                    return 0
                    ;;
                --quality)
                    COMPREPLY=($(compgen -W "low medium high xhigh max auto standard hd TURBO BALANCED QUALITY" -- "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "png jpeg webp gif avif svg" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "png jpeg webp gif avif svg" -- "${cur}"))
                    return 0
                    ;;
                --style)
                    COMPREPLY=($(compgen -W "voxel-3d watercolor line-art pixel-art isometric low-poly flat noir gradient pattern identicon og-card blueprint sticker photo studio-portrait product cinematic macro anime comic childrens-book kawaii psychedelic vector poster retro-80s engraving oil-painting pencil-sketch ink-wash claymation 3d-render paper-cut" -- "${cur}"))
                    return 0
                    ;;
                --colors)
                    COMPREPLY=($(compgen -W "sunset ocean forest pastel neon mono autumn candy nordic earth berry spring desert midnight" -- "${cur}"))
                    return 0
                    ;;
                --negative)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --background)
                    COMPREPLY=($(compgen -W "transparent opaque auto" -- "${cur}"))
                    return 0
                    ;;
                --label)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --input-fidelity)
                    COMPREPLY=($(compgen -W "high low" -- "${cur}"))
                    return 0
                    ;;
                --image)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -i)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mask)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mask-means)
                    COMPREPLY=($(compgen -W "white transparent" -- "${cur}"))
                    return 0
                    ;;
                --prefer)
                    COMPREPLY=($(compgen -W "cheap fast best" -- "${cur}"))
                    return 0
                    ;;
                --balance)
                    COMPREPLY=($(compgen -W "ordered weighted cheapest fastest" -- "${cur}"))
                    return 0
                    ;;
                --fallback)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --param)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -P)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --base-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --max-cost)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --var)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --concurrency)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -j)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retry-ambiguous)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --prompt-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --preview)
                    COMPREPLY=($(compgen -W "auto on off" -- "${cur}"))
                    return 0
                    ;;
                --partials)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__help)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help generate edit batch compare vote info redo open recover models providers keys config styles log stats doctor cache skill serve mcp completions man help choosing money recover batch-files templates pictures comparing recipes numbers scripts agents serve json settings gateways"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__info)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__keys)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help set list remove test"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__keys__subcmd__list)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__keys__subcmd__remove)
            opts="-q -v -h --slot --json --quiet --verbose --no-progress --color --config --help openai fal vercel"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --slot)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__keys__subcmd__set)
            opts="-q -v -h --stdin --slot --no-check --json --quiet --verbose --no-progress --color --config --help openai fal vercel"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --slot)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__keys__subcmd__test)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help openai fal vercel"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__log)
            opts="-n -q -v -h --text --since --until --model --provider --status --tag --client --run --min-cost --max-cost --limit --no-pager --json --quiet --verbose --no-progress --color --config --help show path export prune"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --text)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --since)
                    COMPREPLY=($(compgen -W "today yesterday 7d 30d month 12h" -- "${cur}"))
                    return 0
                    ;;
                --until)
                    COMPREPLY=($(compgen -W "today yesterday 7d 30d month 12h" -- "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --provider)
                    COMPREPLY=($(compgen -W "openai fal vercel pinx" -- "${cur}"))
                    return 0
                    ;;
                --status)
                    COMPREPLY=($(compgen -W "done cached adopted refused failed unknown pending" -- "${cur}"))
                    return 0
                    ;;
                --tag)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --run)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --min-cost)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --max-cost)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --limit)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__log__subcmd__export)
            opts="-q -v -h --csv --text --since --until --model --provider --status --tag --client --run --min-cost --max-cost --no-pager --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --text)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --since)
                    COMPREPLY=($(compgen -W "today yesterday 7d 30d month 12h" -- "${cur}"))
                    return 0
                    ;;
                --until)
                    COMPREPLY=($(compgen -W "today yesterday 7d 30d month 12h" -- "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --provider)
                    COMPREPLY=($(compgen -W "openai fal vercel pinx" -- "${cur}"))
                    return 0
                    ;;
                --status)
                    COMPREPLY=($(compgen -W "done cached adopted refused failed unknown pending" -- "${cur}"))
                    return 0
                    ;;
                --tag)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --run)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --min-cost)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --max-cost)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__log__subcmd__path)
            opts="-q -v -h --no-pager --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__log__subcmd__prune)
            opts="-y -q -v -h --before --yes --no-pager --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__log__subcmd__show)
            opts="-q -v -h --no-pager --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__man)
            opts="-o -q -v -h --output --json --quiet --verbose --no-progress --color --config --help generate edit batch compare vote info redo open recover models providers keys config styles log stats doctor cache skill serve mcp completions man help choosing money recover batch-files templates pictures comparing recipes numbers scripts agents serve json settings gateways"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --output)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                -o)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__mcp)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__models)
            opts="-s -q -v -h --all --provider --can --free --wide --sort --refresh --size --quality --json --quiet --verbose --no-progress --color --config --help show"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --provider)
                    COMPREPLY=($(compgen -W "openai fal vercel pinx" -- "${cur}"))
                    return 0
                    ;;
                --can)
                    COMPREPLY=($(compgen -W "seed negative alpha svg colors style edit mask references" -- "${cur}"))
                    return 0
                    ;;
                --sort)
                    COMPREPLY=($(compgen -W "cost time name" -- "${cur}"))
                    return 0
                    ;;
                --size)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                --quality)
                    COMPREPLY=($(compgen -W "low medium high xhigh max auto standard hd TURBO BALANCED QUALITY" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__models__subcmd__show)
            opts="-s -q -v -h --size --quality --json --quiet --verbose --no-progress --color --config --help auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --size)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                --quality)
                    COMPREPLY=($(compgen -W "low medium high xhigh max auto standard hd TURBO BALANCED QUALITY" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__open)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__providers)
            opts="-q -v -h --check --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__recover)
            opts="-y -q -v -h --list --deadline --forget --yes --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --deadline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --forget)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__redo)
            opts="-m -o -n -s -a -f -i -P -y -j -q -v -h --set --model --output --count --size --aspect --quality --format --style --colors --negative --seed --background --label --input-fidelity --image --mask --mask-means --fit --prefer --balance --fallback --no-fallback --strict --param --base-url --max-cost --allow-unknown-cost --yes --cache --no-cache --dry-run --force --no-metadata --concurrency --timeout --deadline --retries --retry-ambiguous --cancel-on-interrupt --preview --partials --open --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --set)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --count)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --size)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "1024x1024 1536x1024 1024x1536 512x512 square portrait landscape hd 4k" -- "${cur}"))
                    return 0
                    ;;
                --aspect)
                    COMPREPLY=($(compgen -W "1:1 16:9 9:16 3:2 2:3 4:3 3:4 21:9 4:5" -- "${cur}"))
                    return 0
                    ;;
                -a)
                    COMPREPLY=($(compgen -W "1:1 16:9 9:16 3:2 2:3 4:3 3:4 21:9 4:5" -- "${cur}"))
                    return 0
                    ;;
                --quality)
                    COMPREPLY=($(compgen -W "low medium high xhigh max auto standard hd TURBO BALANCED QUALITY" -- "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "png jpeg webp gif avif svg" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "png jpeg webp gif avif svg" -- "${cur}"))
                    return 0
                    ;;
                --style)
                    COMPREPLY=($(compgen -W "voxel-3d watercolor line-art pixel-art isometric low-poly flat noir gradient pattern identicon og-card blueprint sticker photo studio-portrait product cinematic macro anime comic childrens-book kawaii psychedelic vector poster retro-80s engraving oil-painting pencil-sketch ink-wash claymation 3d-render paper-cut" -- "${cur}"))
                    return 0
                    ;;
                --colors)
                    COMPREPLY=($(compgen -W "sunset ocean forest pastel neon mono autumn candy nordic earth berry spring desert midnight" -- "${cur}"))
                    return 0
                    ;;
                --negative)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --background)
                    COMPREPLY=($(compgen -W "transparent opaque auto" -- "${cur}"))
                    return 0
                    ;;
                --label)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --input-fidelity)
                    COMPREPLY=($(compgen -W "high low" -- "${cur}"))
                    return 0
                    ;;
                --image)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -i)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mask)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mask-means)
                    COMPREPLY=($(compgen -W "white transparent" -- "${cur}"))
                    return 0
                    ;;
                --prefer)
                    COMPREPLY=($(compgen -W "cheap fast best" -- "${cur}"))
                    return 0
                    ;;
                --balance)
                    COMPREPLY=($(compgen -W "ordered weighted cheapest fastest" -- "${cur}"))
                    return 0
                    ;;
                --fallback)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --param)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -P)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --base-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --max-cost)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --concurrency)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -j)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retry-ambiguous)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --preview)
                    COMPREPLY=($(compgen -W "auto on off" -- "${cur}"))
                    return 0
                    ;;
                --partials)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__serve)
            opts="-l -o -j -q -v -h --listen --output --concurrency --open --unit --json --quiet --verbose --no-progress --color --config --help keys"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --listen)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -l)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --concurrency)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -j)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__serve__subcmd__keys)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help add set list remove"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__serve__subcmd__keys__subcmd__add)
            opts="-q -v -h --budget-day --budget-month --rpm --models --figures --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --budget-day)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --budget-month)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --rpm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --models)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --figures)
                    COMPREPLY=($(compgen -W "own all" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__serve__subcmd__keys__subcmd__list)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__serve__subcmd__keys__subcmd__remove)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__serve__subcmd__keys__subcmd__set)
            opts="-q -v -h --budget-day --budget-month --rpm --models --figures --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --budget-day)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --budget-month)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --rpm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --models)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --figures)
                    COMPREPLY=($(compgen -W "own all" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__skill)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help show install remove"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__skill__subcmd__install)
            opts="-q -v -h --agent --project --force --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --agent)
                    COMPREPLY=($(compgen -W "claude codex copilot cursor gemini opencode agents" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__skill__subcmd__remove)
            opts="-q -v -h --agent --project --force --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --agent)
                    COMPREPLY=($(compgen -W "claude codex copilot cursor gemini opencode agents" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__skill__subcmd__show)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__stats)
            opts="-q -v -h --by --since --until --provider --model --tag --client --ab --style --csv --html --force --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --by)
                    COMPREPLY=($(compgen -W "provider model route gateway key day week month tag style client" -- "${cur}"))
                    return 0
                    ;;
                --since)
                    COMPREPLY=($(compgen -W "today yesterday 7d 30d month 12h" -- "${cur}"))
                    return 0
                    ;;
                --until)
                    COMPREPLY=($(compgen -W "today yesterday 7d 30d month 12h" -- "${cur}"))
                    return 0
                    ;;
                --provider)
                    COMPREPLY=($(compgen -W "openai fal vercel pinx" -- "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "auto openai/gpt-image-2.6-flare openai/gpt-image-2.6-sunburst openai/gpt-image-2.5-flare openai/gpt-image-2.5-sunburst openai/gpt-image-2 fal/fast-sdxl fal/fast-lightning-sdxl fal/flux-schnell fal/flux-dev fal/flux-pro-1.1 fal/flux-pro-1.1-ultra fal/flux-2 fal/flux-2-flash fal/flux-2-pro fal/flux-2-max fal/flux-2-flex fal/nano-banana fal/nano-banana-pro fal/nano-banana-2 fal/gpt-image-2.5-flare fal/gpt-image-2.5-sunburst fal/gpt-image-2 fal/seedream-v4 fal/seedream-v4.5 fal/seedream-v5-lite fal/qwen-image fal/qwen-image-2 fal/z-image-turbo fal/recraft-v3 fal/recraft-v4 fal/recraft-v4-pro fal/recraft-v4-vector fal/ideogram-v3 fal/grok-imagine fal/hunyuan-image-3 fal/stable-diffusion-3.5-large vercel/gpt-image-2.6-flare vercel/gpt-image-2.6-sunburst vercel/gpt-image-2.5-flare vercel/gpt-image-2.5-sunburst vercel/gpt-image-2 vercel/flux-2-pro vercel/flux-2-max vercel/flux-2-flex vercel/flux-fast-schnell vercel/seedream-4.5 vercel/seedream-5.0-lite vercel/recraft-v3 vercel/recraft-v4 vercel/grok-imagine pinx/sketch" -- "${cur}"))
                    return 0
                    ;;
                --tag)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --style)
                    COMPREPLY=($(compgen -W "voxel-3d watercolor line-art pixel-art isometric low-poly flat noir gradient pattern identicon og-card blueprint sticker photo studio-portrait product cinematic macro anime comic childrens-book kawaii psychedelic vector poster retro-80s engraving oil-painting pencil-sketch ink-wash claymation 3d-render paper-cut" -- "${cur}"))
                    return 0
                    ;;
                --html)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__styles)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help show"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__styles__subcmd__show)
            opts="-q -v -h --json --quiet --verbose --no-progress --color --config --help voxel-3d watercolor line-art pixel-art isometric low-poly flat noir gradient pattern identicon og-card blueprint sticker photo studio-portrait product cinematic macro anime comic childrens-book kawaii psychedelic vector poster retro-80s engraving oil-painting pencil-sketch ink-wash claymation 3d-render paper-cut"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        pinx__subcmd__vote)
            opts="-q -v -h --prompt --json --quiet --verbose --no-progress --color --config --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --prompt)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _pinx -o nosort -o bashdefault -o default pinx
else
    complete -F _pinx -o bashdefault -o default pinx
fi
