//! The order of a merged list: items of the patch in the patch's order, the server's own where they stood before
//! (apimachinery, `pkg/util/strategicpatch/patch.go`, `normalizeElementOrder`).

use winlab_document::Document;

/// Whether two items are the same one: by the merge key, or by value in lists without.
fn same(a: &Document, b: &Document, key: Option<&str>) -> bool {
    match key {
        Some(key) => a.get(key).is_some() && a.get(key) == b.get(key),
        None => a == b,
    }
}

fn place(list: &[Document], item: &Document, key: Option<&str>) -> Option<usize> {
    list.iter().position(|known| same(known, item, key))
}

/// Orders `merged`. `patch_order` has the patch's items, as themselves or as `$setElementOrder` names them.
pub(super) fn normalize(
    merged: Vec<Document>,
    patch_order: &[Document],
    server_order: &[Document],
    key: Option<&str>,
) -> Vec<Document> {
    let (mut patch, mut server): (Vec<_>, Vec<_>) =
        merged.into_iter().partition(|item| place(patch_order, item, key).is_some());
    patch.sort_by_key(|item| place(patch_order, item, key));
    server.sort_by_key(|item| place(server_order, item, key));
    let mut patch = patch.into_iter().peekable();
    let mut server = server.into_iter().peekable();
    let mut out = Vec::new();
    loop {
        let server_first = match (server.peek(), patch.peek()) {
            (None, None) => return out,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(new)) => match (place(server_order, own, key), place(server_order, new, key)) {
                (Some(own), Some(new)) => own < new,
                _ => false,
            },
        };
        out.extend(if server_first { server.next() } else { patch.next() });
    }
}
