//! The list of the facade's public items, compared with `public-api.txt`, so that none is added, changed or lost unseen.
//!
//! The sources are read with `syn`: what stands in public modules and what they re-export is listed, with its public
//! fields, variants and methods. `cargo xtask bless` writes the list anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::{Fields, ImplItem, Item, ItemImpl, TraitItem, UseTree, Visibility};

/// All items of a module, with those of its submodules.
struct Module {
    path: String,
    public: bool,
    items: Vec<Item>,
}

/// Reads a file and the files of its modules.
fn read(file: &Path, path: &str, public: bool, out: &mut Vec<Module>) {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let stem = file.file_stem().expect("a file has a name").to_string_lossy().into_owned();
    let parent = file.parent().expect("a file stands in a folder");
    let folder =
        if matches!(stem.as_str(), "lib" | "mod") { parent.to_path_buf() } else { parent.join(stem) };
    for item in &parsed.items {
        if let Item::Mod(module) = item
            && module.content.is_none()
            && !module.attrs.iter().any(|attribute| attribute.path().is_ident("cfg"))
        {
            let name = module.ident.to_string();
            let inner: [PathBuf; 2] = [folder.join(format!("{name}.rs")), folder.join(&name).join("mod.rs")];
            let file =
                inner.iter().find(|file| file.is_file()).unwrap_or_else(|| panic!("no file for {name}"));
            read(file, &format!("{path}::{name}"), public && is_public(&module.vis), out);
        }
    }
    out.push(Module { path: path.to_string(), public, items: parsed.items });
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The names of a `use`, each with the path that leads to it.
fn used(tree: &UseTree, path: &str, out: &mut Vec<(String, String)>) {
    match tree {
        UseTree::Path(inner) => used(&inner.tree, &format!("{path}{}::", inner.ident), out),
        UseTree::Name(name) => out.push((name.ident.to_string(), format!("{path}{}", name.ident))),
        UseTree::Rename(name) => out.push((name.rename.to_string(), format!("{path}{}", name.ident))),
        UseTree::Glob(_) => out.push(("*".to_string(), format!("{path}*"))),
        UseTree::Group(group) => group.items.iter().for_each(|item| used(item, path, out)),
    }
}

/// Tokens with the blanks that a person would write.
fn text(tokens: impl ToTokens) -> String {
    let mut out = tokens.to_token_stream().to_string();
    for (from, to) in [
        (" :: ", "::"),
        (" < ", "<"),
        (" > ", "> "),
        (" >", ">"),
        ("< ", "<"),
        (" , ", ", "),
        (" ,", ","),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" : ", ": "),
        ("& ", "&"),
        (" ;", ""),
        ("- >", "->"),
        ("->", " -> "),
        ("  ", " "),
    ] {
        out = out.replace(from, to);
    }
    out.trim().to_string()
}

fn fields(fields: &Fields, prefix: &str, all: bool, out: &mut BTreeSet<String>) {
    for (number, field) in fields.iter().enumerate() {
        if all || is_public(&field.vis) {
            let name = field.ident.as_ref().map_or(number.to_string(), ToString::to_string);
            out.insert(format!("{prefix}.{name}: {}", text(&field.ty)));
        }
    }
}

/// The lines of one item under its public path.
fn list(item: &Item, path: &str, out: &mut BTreeSet<String>) {
    match item {
        Item::Fn(function) => {
            out.insert(format!("{path}: {}", text(&function.sig)));
        }
        Item::Struct(item) => {
            out.insert(format!("{path}: struct{}", text(&item.generics)));
            fields(&item.fields, path, false, out);
        }
        Item::Enum(item) => {
            out.insert(format!("{path}: enum{}", text(&item.generics)));
            for variant in &item.variants {
                out.insert(format!("{path}::{}", variant.ident));
                fields(&variant.fields, &format!("{path}::{}", variant.ident), true, out);
            }
        }
        Item::Trait(item) => {
            out.insert(format!("{path}: trait{}", text(&item.generics)));
            for inner in &item.items {
                if let TraitItem::Fn(function) = inner {
                    out.insert(format!("{path}: {}", text(&function.sig)));
                }
            }
        }
        Item::Const(item) => {
            out.insert(format!("{path}: const {}", text(&item.ty)));
        }
        Item::Type(item) => {
            out.insert(format!("{path}: type = {}", text(&item.ty)));
        }
        _ => {}
    }
}

fn named(item: &Item) -> Option<(String, &Visibility)> {
    match item {
        Item::Fn(item) => Some((item.sig.ident.to_string(), &item.vis)),
        Item::Struct(item) => Some((item.ident.to_string(), &item.vis)),
        Item::Enum(item) => Some((item.ident.to_string(), &item.vis)),
        Item::Trait(item) => Some((item.ident.to_string(), &item.vis)),
        Item::Const(item) => Some((item.ident.to_string(), &item.vis)),
        Item::Type(item) => Some((item.ident.to_string(), &item.vis)),
        _ => None,
    }
}

fn methods(item: &ItemImpl, path: &str, out: &mut BTreeSet<String>) {
    if let Some((implemented, _)) = &item.trait_ {
        out.insert(format!("{path}: impl {}", text(implemented)));
        return;
    }
    for inner in &item.items {
        match inner {
            ImplItem::Fn(function) if is_public(&function.vis) => {
                out.insert(format!("{path}: {}", text(&function.sig)));
            }
            ImplItem::Const(constant) if is_public(&constant.vis) => {
                out.insert(format!("{path}::{}: const {}", constant.ident, text(&constant.ty)));
            }
            _ => {}
        }
    }
}

#[test]
fn public_items_are_those_of_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut modules = Vec::new();
    read(&folder.join("src/lib.rs"), "agnesi", true, &mut modules);

    // Public path of each public name, and the lines of what other crates give.
    let mut reachable: Vec<(String, String)> = Vec::new();
    let mut out = BTreeSet::new();
    for module in modules.iter().filter(|module| module.public) {
        for item in &module.items {
            match item {
                Item::Use(item) if is_public(&item.vis) => {
                    let mut names = Vec::new();
                    used(&item.tree, "", &mut names);
                    for (name, from) in names {
                        if from.starts_with("agnesi_") {
                            out.insert(format!("{}::{name}: from {from}", module.path));
                        } else {
                            reachable.push((name.clone(), format!("{}::{name}", module.path)));
                        }
                    }
                }
                item => {
                    if let Some((name, visibility)) = named(item)
                        && is_public(visibility)
                    {
                        reachable.push((name.clone(), format!("{}::{name}", module.path)));
                    }
                }
            }
        }
    }
    for item in modules.iter().flat_map(|module| &module.items) {
        if let Some((name, visibility)) = named(item) {
            for (_, path) in reachable.iter().filter(|(public, _)| is_public(visibility) && *public == name) {
                list(item, path, &mut out);
            }
        }
        if let Item::Impl(item) = item {
            let name = text(&item.self_ty);
            let name = name.split('<').next().unwrap_or_default();
            for (_, path) in reachable.iter().filter(|(public, _)| public == name) {
                methods(item, path, &mut out);
            }
        }
    }
    let listed: String = out.into_iter().map(|line| line + "\n").collect();
    assert!(
        listed.contains("agnesi::protocol::Request: struct"),
        "the sources were not read as they should be"
    );
    expect_test::expect_file!["../public-api.txt"].assert_eq(&listed);
}
