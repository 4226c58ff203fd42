//! What the nodes of ComfyUI do with texts: those of its core and of the packs that people use most.
//!
//! Data. A node that is not here is not followed, and that is told: to guess what it does would be to
//! tell a text as the prompt that may be none.

/// What an output of a node says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Says {
    /// The first of these inputs that holds any text.
    First(&'static [&'static str]),
    /// These two inputs, mixed by the number in the third: at 0 there is only the second, at 1 only the
    /// first.
    Mixed(&'static str, &'static str, &'static str),
    /// All of these inputs, each text once.
    All(&'static [&'static str]),
    /// What comes in by the first of these inputs that is linked.
    Passes(&'static [&'static str]),
    /// What comes in by its one link.
    Through,
    /// Nothing at all.
    Nothing,
    /// These inputs, joined by what stands in the last one, or by the default behind it.
    Joined(&'static [&'static str], &'static str, &'static str),
    /// The output of this number says the positive prompt, the next one the negative: what comes in by
    /// these two inputs.
    Sides(u64, &'static str, &'static str),
    /// The same, and where an input is not there it is that of the bundle in the third one.
    Bundle(u64, &'static str, &'static str, &'static str),
}

use Says::{All, Bundle, First, Joined, Mixed, Nothing, Passes, Sides, Through};

/// A text of one's own in the usual inputs.
const TEXT: Says = First(&["text"]);
const CONDITIONING: Says = Passes(&["conditioning"]);
const AVERAGE: Says = Mixed("conditioning_to", "conditioning_from", "conditioning_to_strength");
const SIDES: Says = Sides(0, "positive", "negative");

/// Nodes by their class.
const NODES: &[(&str, Says)] = &[
    // Texts become conditioning.
    ("CLIPTextEncode", TEXT),
    ("CLIPTextEncodeFlux", First(&["t5xxl", "clip_l"])),
    ("CLIPTextEncodeSDXL", All(&["text_g", "text_l"])),
    ("CLIPTextEncodeSDXLRefiner", TEXT),
    ("CLIPTextEncodeSD3", First(&["t5xxl", "clip_g", "clip_l"])),
    ("CLIPTextEncodeHunyuanDiT", First(&["mt5xl", "bert"])),
    ("CLIPTextEncodeHiDream", First(&["llama", "t5xxl", "clip_g", "clip_l"])),
    ("CLIPTextEncodeKandinsky5", First(&["qwen25_7b", "clip_l"])),
    ("CLIPTextEncodeLumina2", First(&["user_prompt"])),
    ("CLIPTextEncodePixArtAlpha", TEXT),
    ("CLIPTextEncodeControlnet", TEXT),
    ("TextEncodeQwenImageEdit", First(&["prompt"])),
    ("TextEncodeQwenImageEditPlus", First(&["prompt"])),
    ("TextEncodeZImageOmni", First(&["prompt"])),
    ("T5TextEncode", TEXT),
    ("PixArtT5TextEncode", TEXT),
    ("BNK_CLIPTextEncodeAdvanced", TEXT),
    ("BNK_CLIPTextEncodeSDXLAdvanced", All(&["text_g", "text_l"])),
    ("smZ CLIPTextEncode", TEXT),
    ("CLIPTextEncodeSDXL+", TEXT),
    ("CLIPTextEncodeSDXLSimplified+", TEXT),
    ("ImpactWildcardEncode", First(&["populated_text"])),
    ("WildcardEncode //Inspire", First(&["populated_text"])),
    ("Power Prompt (rgthree)", First(&["prompt"])),
    ("Power Prompt - Simple (rgthree)", First(&["prompt"])),
    ("SDXL Power Prompt - Positive (rgthree)", All(&["prompt_g", "prompt_l"])),
    ("SDXL Power Prompt - Simple / Negative (rgthree)", All(&["prompt_g", "prompt_l"])),
    // Conditioning goes through.
    ("ConditioningZeroOut", Nothing),
    ("ConditioningConcat", All(&["conditioning_to", "conditioning_from"])),
    ("ConditioningCombine", All(&["conditioning_1", "conditioning_2"])),
    ("ConditioningAverage", AVERAGE),
    ("ConditioningAverage ", AVERAGE),
    ("ConditioningSetDefaultCombine", All(&["cond", "cond_DEFAULT"])),
    ("ConditioningSetTimestepRange", CONDITIONING),
    ("ConditioningSetArea", CONDITIONING),
    ("ConditioningSetAreaPercentage", CONDITIONING),
    ("ConditioningSetAreaStrength", CONDITIONING),
    ("ConditioningSetMask", CONDITIONING),
    ("ConditioningSetProperties", Passes(&["cond_NEW"])),
    (
        "ConditioningMultiCombine",
        All(&["conditioning_1", "conditioning_2", "conditioning_3", "conditioning_4"]),
    ),
    ("FluxGuidance", CONDITIONING),
    ("FluxDisableGuidance", CONDITIONING),
    ("FluxKontextMultiReferenceLatentMethod", CONDITIONING),
    ("ReferenceLatent", CONDITIONING),
    ("StyleModelApply", CONDITIONING),
    ("unCLIPConditioning", CONDITIONING),
    ("GLIGENTextBoxApply", Passes(&["conditioning_to"])),
    ("ControlNetApply", CONDITIONING),
    ("ACN_AdvancedControlNetApplySingle", CONDITIONING),
    ("ControlNetApplyAdvanced", SIDES),
    ("ControlNetApplySD3", SIDES),
    ("ControlNetInpaintingAliMamaApply", SIDES),
    ("ACN_AdvancedControlNetApply", SIDES),
    ("ACN_AdvancedControlNetApply_v2", SIDES),
    ("InpaintModelConditioning", SIDES),
    ("InstructPixToPixConditioning", SIDES),
    ("SD_4XUpscale_Conditioning", SIDES),
    ("CR Apply Multi-ControlNet", Sides(0, "base_positive", "base_negative")),
    ("ApplyInstantID", Sides(1, "positive", "negative")),
    // Loaders that encode their own texts, and bundles of several links.
    ("Efficient Loader", Sides(1, "positive", "negative")),
    ("Eff. Loader SDXL", Sides(0, "positive", "negative")),
    ("FromBasicPipe", Bundle(3, "positive", "negative", "basic_pipe")),
    ("FromBasicPipe_v2", Bundle(4, "positive", "negative", "basic_pipe")),
    ("ToBasicPipe", Sides(3, "positive", "negative")),
    ("EditBasicPipe", Bundle(4, "positive", "negative", "basic_pipe")),
    ("Context (rgthree)", Bundle(4, "positive", "negative", "base_ctx")),
    ("Context Big (rgthree)", Bundle(4, "positive", "negative", "base_ctx")),
    // Texts.
    ("PrimitiveString", First(&["value"])),
    ("PrimitiveStringMultiline", First(&["value"])),
    ("PrimitiveNode", First(&["value"])),
    ("String Literal", First(&["string"])),
    ("StringConstant", First(&["string"])),
    ("StringConstantMultiline", First(&["string"])),
    ("Text Multiline", TEXT),
    ("Text Multiline (Code Compatible)", TEXT),
    ("Text box", TEXT),
    ("CR Text", TEXT),
    ("CR Prompt Text", First(&["prompt"])),
    ("JWString", TEXT),
    ("JWStringMultiline", TEXT),
    ("ttN text", TEXT),
    ("easy positive", First(&["positive"])),
    ("easy negative", First(&["negative"])),
    ("easy string", First(&["value"])),
    ("DF_Text", First(&["Text"])),
    ("DF_Text_Box", First(&["Text"])),
    ("ImpactWildcardProcessor", First(&["populated_text"])),
    ("WildcardEncode", First(&["populated_text"])),
    ("StringConcatenate", Joined(&["string_a", "string_b"], "delimiter", "")),
    ("JWStringConcat", Joined(&["a", "b"], "", "")),
    ("JoinStrings", Joined(&["string1", "string2"], "delimiter", " ")),
    (
        "JoinStringMulti",
        Joined(
            &["string_1", "string_2", "string_3", "string_4", "string_5", "string_6"],
            "delimiter",
            " ",
        ),
    ),
    ("Text Concatenate", Joined(&["text_a", "text_b", "text_c", "text_d"], "delimiter", ", ")),
    ("ttN concat", Joined(&["text1", "text2", "text3"], "delimiter", ", ")),
    ("CR Text Concatenate", Joined(&["text1", "text2"], "separator", "")),
    // What only shows or passes on.
    ("Reroute", Through),
    ("Reroute (rgthree)", Through),
    ("SetNode", Through),
    ("ReroutePrimitive|pysssss", Passes(&["value"])),
    ("Any Switch (rgthree)", Passes(&["any_01", "any_02", "any_03", "any_04", "any_05"])),
    ("ShowText|pysssss", Passes(&["text"])),
    ("Display Any (rgthree)", Passes(&["source"])),
    ("Text to Conditioning", TEXT),
    ("easy showAnything", Passes(&["anything"])),
    ("PreviewAny", Passes(&["source"])),
];

/// Nodes whose one number is what they give: for seeds, steps and sizes.
const NUMBERS: &[(&str, &str)] = &[
    ("PrimitiveInt", "value"),
    ("PrimitiveFloat", "value"),
    ("PrimitiveNode", "value"),
    ("INTConstant", "value"),
    ("ImpactInt", "value"),
    ("Int Literal", "int"),
    ("Int Literal (Image Saver)", "int"),
    ("JWInteger", "value"),
    ("CR Integer", "integer"),
    ("CR Seed", "seed"),
    ("Seed (rgthree)", "seed"),
    ("Seed Generator", "seed"),
    ("Seed Generator (Image Saver)", "seed"),
    ("Seed", "seed"),
    ("easy seed", "seed"),
    ("easy int", "value"),
    ("ttN seed", "seed"),
    ("ttN int", "int"),
];

/// Nodes that make a picture of a text all by themselves, at a provider.
const PROVIDERS: &[&str] = &[
    "OpenAIGPTImage1",
    "OpenAIDalle3",
    "OpenAIDalle2",
    "FluxProUltraImageNode",
    "FluxKontextProImageNode",
    "FluxKontextMaxImageNode",
    "Flux2ProImageNode",
    "IdeogramV1",
    "IdeogramV2",
    "IdeogramV3",
    "StabilityStableImageUltraNode",
    "StabilityStableImageSD_3_5Node",
    "RecraftTextToImageNode",
    "GeminiImageNode",
    "GeminiImage2Node",
    "ByteDanceImageNode",
    "ByteDanceSeedreamNode",
    "LumaImageNode",
];

/// The widgets of nodes in a drawn graph, in their order. What a seed has behind it is not among them.
const WIDGETS: &[(&str, &[&str])] = &[
    ("CLIPTextEncode", &["text"]),
    ("CLIPTextEncodeFlux", &["clip_l", "t5xxl", "guidance"]),
    (
        "CLIPTextEncodeSDXL",
        &[
            "width",
            "height",
            "crop_w",
            "crop_h",
            "target_width",
            "target_height",
            "text_g",
            "text_l",
        ],
    ),
    ("CLIPTextEncodeSDXLRefiner", &["ascore", "width", "height", "text"]),
    ("CLIPTextEncodeSD3", &["clip_l", "clip_g", "t5xxl", "empty_padding"]),
    ("TextEncodeQwenImageEdit", &["prompt"]),
    ("TextEncodeQwenImageEditPlus", &["prompt"]),
    ("KSampler", &["seed", "steps", "cfg", "sampler_name", "scheduler", "denoise"]),
    (
        "KSamplerAdvanced",
        &[
            "add_noise",
            "noise_seed",
            "steps",
            "cfg",
            "sampler_name",
            "scheduler",
            "start_at_step",
            "end_at_step",
        ],
    ),
    ("SamplerCustom", &["add_noise", "noise_seed", "cfg"]),
    ("RandomNoise", &["noise_seed"]),
    ("ConditioningAverage", &["conditioning_to_strength"]),
    ("ConditioningAverage ", &["conditioning_to_strength"]),
    ("KSamplerSelect", &["sampler_name"]),
    ("BasicScheduler", &["scheduler", "steps", "denoise"]),
    ("CFGGuider", &["cfg"]),
    ("FluxGuidance", &["guidance"]),
    ("EmptyLatentImage", &["width", "height", "batch_size"]),
    ("EmptySD3LatentImage", &["width", "height", "batch_size"]),
    ("CheckpointLoaderSimple", &["ckpt_name"]),
    ("UNETLoader", &["unet_name", "weight_dtype"]),
    ("UnetLoaderGGUF", &["unet_name"]),
    ("LoraLoader", &["lora_name", "strength_model", "strength_clip"]),
    ("LoraLoaderModelOnly", &["lora_name", "strength_model"]),
    ("LoadImage", &["image"]),
    ("PrimitiveNode", &["value"]),
    ("PrimitiveInt", &["value"]),
    ("PrimitiveString", &["value"]),
    ("PrimitiveStringMultiline", &["value"]),
    ("StringConcatenate", &["string_a", "string_b", "delimiter"]),
    ("ShowText|pysssss", &["shown"]),
    ("SetNode", &["name"]),
    ("GetNode", &["name"]),
    ("SaveImage", &["filename_prefix"]),
];

fn row<T: Copy>(table: &[(&str, T)], class: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == class).map(|(_, row)| *row)
}

/// What a node says, if it is known.
pub(super) fn says(class: &str) -> Option<Says> {
    row(NODES, class)
}

/// The input whose number a node gives.
pub(super) fn number(class: &str) -> Option<&'static str> {
    row(NUMBERS, class)
}

/// Whether a node asks a provider for a picture.
pub(super) fn is_provider(class: &str) -> bool {
    PROVIDERS.contains(&class)
}

/// The names of a node's widgets, none where it is not known.
pub(super) fn widgets(class: &str) -> &'static [&'static str] {
    row(WIDGETS, class).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_one_row() {
        let count = |names: Vec<&str>| {
            let mut seen = std::collections::BTreeSet::new();
            names.into_iter().filter(|name| !seen.insert(*name)).count()
        };
        assert_eq!(count(NODES.iter().map(|(class, _)| *class).collect()), 0);
        assert_eq!(count(NUMBERS.iter().map(|(class, _)| *class).collect()), 0);
        assert_eq!(count(WIDGETS.iter().map(|(class, _)| *class).collect()), 0);
        assert_eq!(count(PROVIDERS.to_vec()), 0);
    }
}
