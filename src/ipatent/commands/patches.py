"""The command that prepares the patches of an index."""

from ipatent.commands.options import Data, Json, Set, print_json, settings_from


def patches(data: Data = None, more: Set = None, as_json: Json = False) -> None:
    """Prepare local features of all figures, for a closer look at the best results (rerank=patches).

    About 8 kB a figure, in patches.sqlite inside the data folder. A broken-off run goes on; after an
    ingest only what is new is added.
    """
    from contextlib import closing

    from rich.console import Console

    from ipatent.encode.spatial import open_spatial
    from ipatent.opening import open_index, open_objects
    from ipatent.patches import PatchStore
    from ipatent.pictures import open_picture
    from ipatent.progress import progress_bar

    settings = settings_from(data, more)
    objects = open_objects(settings)
    with closing(open_index(settings)) as index, progress_bar(Console(stderr=True)) as bar:
        figures = [figure for figure, _ in index.figures_at(index.newest(1_000_000_000).rows)]
        task = bar.add_task("Preparing patches", total=len(figures))
        added = PatchStore.of(settings.data_dir).prepare(
            figures,
            lambda figure: open_picture(objects.get(figure.image), settings.max_sheet_pixels),
            open_spatial(settings.threads),
            lambda done: bar.update(task, completed=done),
        )
    if as_json:
        print_json({"figures": len(figures), "added": added})
        return
    Console().print(f"{len(figures):,} figures have patches, {added:,} of them new.", highlight=False)
