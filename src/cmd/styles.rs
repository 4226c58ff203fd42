//! `pinx styles`: the looks for `--style` and the palettes for `--colors`.

use serde_json::{Value, json};

use super::{App, models};
use crate::error::{Error, Exit, Result};
use crate::request::Rgb;
use crate::style::{Palette, Style};
use crate::text;
use crate::ui::{Column, Paging, Table, Ui};

/// What `styles` takes.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Look at one instead.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What there is besides the list.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print all that a style adds, or the colours of a palette
    Show {
        /// Name it
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// Lists styles and palettes, or shows one.
///
/// # Errors
/// An unknown style.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    let catalog = &app.settings.catalog;
    if let Some(Command::Show { id }) = &args.command {
        show(app, id)?;
        return Ok(Exit::OK);
    }
    if app.ui.options().json {
        app.ui.json(&json!({
            "success": true,
            "styles": catalog.styles().iter().map(style_document).collect::<Vec<_>>(),
            "palettes": catalog.palettes().iter().map(palette_document).collect::<Vec<_>>(),
        }));
        return Ok(Exit::OK);
    }
    let mut table = Table::new(vec![
        Column::new("style"),
        Column::new("for").priority(2),
        Column::new("description").width(20, 80).priority(1),
    ]);
    for style in catalog.styles() {
        table.row(vec![style.id.clone(), made_by(style).to_owned(), style.description.clone()]);
    }
    let styles = table;
    let mut table = Table::new(vec![Column::new("palette"), Column::new("colors").width(7, 80)]);
    for palette in catalog.palettes() {
        table.row(vec![palette.id.clone(), hex(&palette.colors)]);
    }
    app.ui.paged(Paging::Auto, |ui| {
        ui.table(styles);
        ui.line("");
        ui.table(table);
        ui.note("\npinx generate \"a red fox\" --style watercolor --colors ocean");
    });
    Ok(Exit::OK)
}

fn show(app: &App, id: &str) -> Result<()> {
    let catalog = &app.settings.catalog;
    let json = app.ui.options().json;
    if let Some(palette) = catalog.palettes().iter().find(|palette| palette.id == id)
        && !catalog.styles().iter().any(|style| style.id == id)
    {
        if json {
            app.ui.json(&json!({ "success": true, "palette": palette_document(palette) }));
        } else {
            palette.colors.iter().for_each(|color| app.ui.line(&swatch(&app.ui, *color)));
        }
        return Ok(());
    }
    let style = catalog.style(id).map_err(|error| unknown(error, id, catalog.palettes()))?;
    if json {
        app.ui.json(&json!({ "success": true, "style": style_document(style) }));
        return Ok(());
    }
    let mut facts = vec![
        ("", format!("{} — {}", style.id, style.name)),
        ("", style.description.clone()),
        ("", String::new()),
        ("for", made_by_words(style).to_owned()),
        (
            "prompt",
            style.fragment.as_ref().map_or_else(
                || "nothing is added: only pinx/sketch has it".to_owned(),
                |fragment| format!("…, {fragment}"),
            ),
        ),
        (
            "sketch",
            style.sketch.clone().unwrap_or_else(|| "drawn plain: it has no such look".to_owned()),
        ),
    ];
    let native: Vec<String> = style
        .native
        .iter()
        .map(|(family, word)| format!("{word} ({family}, in place of the prompt)"))
        .collect();
    if !native.is_empty() {
        facts.push(("field", native.join("\n")));
    }
    models::block(&app.ui, &facts);
    Ok(())
}

/// The nearest name may be a palette's.
fn unknown(error: Error, id: &str, palettes: &[Palette]) -> Error {
    match text::nearest(id, palettes.iter().map(|palette| palette.id.as_str())) {
        Some(near) if !error.hints.iter().any(|hint| hint.contains("mean")) => {
            Error { hints: vec![format!("did you mean the palette `{near}`?")], ..error }
        }
        _ => error,
    }
}

fn made_by(style: &Style) -> &'static str {
    match (&style.fragment, &style.sketch) {
        (Some(_), Some(_)) => "both",
        (Some(_), None) => "AI",
        (None, _) => "sketch",
    }
}

fn made_by_words(style: &Style) -> &'static str {
    match made_by(style) {
        "both" => "AI models and pinx/sketch",
        "AI" => "AI models",
        _ => "pinx/sketch",
    }
}

fn hex(colors: &[Rgb]) -> String {
    colors.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// A colour in hex, with a patch of it where the terminal can show one.
fn swatch(ui: &Ui, color: Rgb) -> String {
    let terminal = ui.terminal();
    if terminal.truecolor && terminal.has_colors(ui.options().color, terminal.stdout) {
        let [r, g, b] = color.0;
        format!("\x1b[48;2;{r};{g};{b}m      \x1b[0m {color}")
    } else {
        color.to_string()
    }
}

fn style_document(style: &Style) -> Value {
    json!({
        "id": style.id,
        "name": style.name,
        "description": style.description,
        "for": made_by(style).to_lowercase(),
        "fragment": style.fragment,
        "sketch": style.sketch,
        "native": style.native,
    })
}

fn palette_document(palette: &Palette) -> Value {
    json!({ "id": palette.id, "colors": palette.colors })
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn every_style_is_for_somebody() {
        let catalog = Catalog::load(&Table::new(), &[]).unwrap();
        for style in catalog.styles() {
            assert!(style.fragment.is_some() || style.sketch.is_some(), "{}", style.id);
        }
        let both = catalog.style("voxel-3d").unwrap();
        assert_eq!(made_by(both), "both");
        assert_eq!(style_document(both)["native"]["recraft-v3"], "digital_illustration/voxel");
    }

    #[test]
    fn a_palette_may_be_meant() {
        let catalog = Catalog::load(&Table::new(), &[]).unwrap();
        let error =
            |id: &str| unknown(catalog.style(id).unwrap_err(), id, catalog.palettes()).hints;
        assert_eq!(error("sunsett"), ["did you mean the palette `sunset`?"]);
        assert_eq!(error("watercolour"), ["did you mean `watercolor`? `pinx styles` lists them"]);
    }
}
