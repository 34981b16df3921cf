"""The collections of an index on Qdrant: how they are made, and the aliases they are known by.

A *filling* is three collections made for one encoder: figures with their vectors, patents, and notes
(the encoder's spec, sources ingested, names of applicants, how often each writer committed). They are
reached by aliases, `NAME.figures` and so on, which change together in one step; so an index filled
anew beside the live one takes its place with no moment of absence.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from ipatent.encode import EncoderSpec
from ipatent.errors import IndexProblem
from ipatent.index.qdrant_nodes import Nodes

if TYPE_CHECKING:
    from qdrant_client import grpc

Kind = Literal["figures", "patents", "notes"]
KINDS: Final[tuple[Kind, ...]] = ("figures", "patents", "notes")
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Options:
    """How collections are laid out and searched; the defaults are checked for recall alone."""

    m: int = 16
    """Links per point of the HNSW graph (Malkov and Yashunin, 2018)."""
    ef_construct: int = 128
    ef: int = 256
    """Points looked at per search, at least."""
    oversampling: float = 2.0
    """How many more candidates than asked for are scored again with the original vectors."""
    quantised: bool = True
    shards: int = 0
    """0 leaves it to the server: one per node."""
    replicas: int = 1
    write_consistency: int = 1
    """Replicas that must have written before a write counts as done."""
    indexing_threshold: int = 10_000
    """Kilobytes of vectors in a segment from which a graph is built; below, the scan is exact."""


@dataclass(frozen=True, slots=True)
class Filling:
    """Three collections that belong together."""

    prefix: str
    name: str
    """Empty for whichever the aliases lead to."""

    def __getitem__(self, kind: Kind) -> str:
        return f"{self.prefix}.{kind}" + (f".{self.name}" if self.name else "")


_FIGURE_INDEXES: Final[Mapping[str, str]] = {
    "patent": "integer",
    "published": "integer",
    "newness": "integer",
    "earliest": "integer",
    "size": "integer",
    "captioned": "bool",
    "objects": "uuid",
    "figure": "uuid",
    **dict.fromkeys(
        ("office", "kind", "cpc", "symbols", "locarno", "applicant", "type", "view", "year"), "keyword"
    ),
    "words": "phrases",
    "starts": "starts",
}
_INDEXES: Final[dict[Kind, Mapping[str, str]]] = {
    "figures": _FIGURE_INDEXES,
    "patents": {
        "complete": "bool",
        "sheets": "integer",
        "figures": "integer",
        "size": "integer",
        "title": "keyword",
        "stem": "keyword",
        "words": "phrases",
        "starts": "starts",
    },
    "notes": {"note": "keyword", "starts": "starts"},
}


def filling_for(prefix: str, spec: EncoderSpec) -> Filling:
    """The filling for an encoder, under the same name in every process."""
    return Filling(prefix, hashlib.sha256(repr(replace(spec, name="")).encode()).hexdigest()[:10])


def live(nodes: Nodes, prefix: str) -> Filling | None:
    """The filling that the aliases lead to now; None where there is none yet."""
    from qdrant_client import grpc

    answer = nodes.call("Collections", "ListAliases", grpc.ListAliasesRequest())
    wanted = Filling(prefix, "")["figures"]
    for each in answer.aliases:
        if each.alias_name == wanted:
            return Filling(prefix, each.collection_name.removeprefix(f"{wanted}."))
    return None


def create(nodes: Nodes, filling: Filling, spec: EncoderSpec, options: Options) -> None:
    """Make the collections of a filling with all their payload indexes; what is there already stays.

    Two processes that begin at once make the same collections.
    """
    for kind in KINDS:
        if not exists(nodes, filling[kind]):
            try:
                nodes.call("Collections", "Create", _created(filling, kind, spec, options), writing=True)
            except IndexProblem:
                if not exists(nodes, filling[kind]):
                    raise
        # Before the first point, so that the graph gets links within what each filter lets through.
        # The server makes them one after another, so it is enough to wait for the last.
        last = list(_INDEXES[kind])[-1]
        for field, index in _INDEXES[kind].items():
            request = _indexed(filling[kind], field, index, wait=field == last)
            nodes.call("Points", "CreateFieldIndex", request, writing=True)


def exists(nodes: Nodes, collection: str) -> bool:
    """Whether there is a collection of this name."""
    from qdrant_client import grpc

    request = grpc.CollectionExistsRequest(collection_name=collection)
    return bool(nodes.call("Collections", "CollectionExists", request).result.exists)


def make_live(nodes: Nodes, filling: Filling) -> Filling | None:
    """Let the aliases lead to `filling`, all in one step; what they led to before, if that was another."""
    from qdrant_client import grpc

    before = live(nodes, filling.prefix)
    if before == filling:
        return None
    reached = Filling(filling.prefix, "")
    actions = []
    for kind in KINDS:
        if before:
            actions.append(grpc.AliasOperations(delete_alias=grpc.DeleteAlias(alias_name=reached[kind])))
        created = grpc.CreateAlias(collection_name=filling[kind], alias_name=reached[kind])
        actions.append(grpc.AliasOperations(create_alias=created))
    request = grpc.ChangeAliases(actions=actions, timeout=_SECONDS)
    nodes.call("Collections", "UpdateAliases", request, writing=True)
    return before


def remove(nodes: Nodes, filling: Filling) -> None:
    """Delete the collections of a filling; aliases that lead to them go too."""
    from qdrant_client import grpc

    for kind in KINDS:
        request = grpc.DeleteCollection(collection_name=filling[kind], timeout=_SECONDS)
        nodes.call("Collections", "Delete", request, writing=True)


def _created(filling: Filling, kind: Kind, spec: EncoderSpec, options: Options) -> "grpc.CreateCollection":
    from qdrant_client import grpc

    request = grpc.CreateCollection(
        collection_name=filling[kind],
        on_disk_payload=True,
        timeout=_SECONDS,
        replication_factor=options.replicas,
        write_consistency_factor=options.write_consistency,
        vectors_config=grpc.VectorsConfig(params_map=grpc.VectorParamsMap()),
    )
    if options.shards:
        request.shard_number = options.shards
    if kind == "figures":
        for name, size in (("image", spec.image_dim), ("caption", spec.caption_dim)):
            request.vectors_config.params_map.map[name].CopyFrom(_vectors(size, options))
        request.sparse_vectors_config.CopyFrom(
            grpc.SparseVectorConfig(
                map={"words": grpc.SparseVectorParams(index=grpc.SparseIndexConfig(on_disk=True))}
            )
        )
        request.optimizers_config.CopyFrom(
            grpc.OptimizersConfigDiff(indexing_threshold=options.indexing_threshold)
        )
    return request


def _vectors(size: int, options: Options) -> "grpc.VectorParams":
    from qdrant_client import grpc

    params = grpc.VectorParams(
        size=size,
        # Vectors are of length one already, so the inner product is the cosine.
        distance=grpc.Distance.Dot,
        datatype=grpc.Datatype.Float16,
        on_disk=True,
        hnsw_config=grpc.HnswConfigDiff(
            m=options.m,
            ef_construct=options.ef_construct,
            full_scan_threshold=options.indexing_threshold,
        ),
    )
    if options.quantised:
        scalar = grpc.ScalarQuantization(type=grpc.QuantizationType.Int8, quantile=0.99, always_ram=True)
        params.quantization_config.CopyFrom(grpc.QuantizationConfig(scalar=scalar))
    return params


def _indexed(collection: str, field: str, index: str, wait: bool) -> "grpc.CreateFieldIndexCollection":
    from qdrant_client import grpc

    types: dict[str, Any] = {
        "integer": grpc.FieldType.FieldTypeInteger,
        "bool": grpc.FieldType.FieldTypeBool,
        "uuid": grpc.FieldType.FieldTypeUuid,
        "keyword": grpc.FieldType.FieldTypeKeyword,
    }
    request = grpc.CreateFieldIndexCollection(
        collection_name=collection,
        field_name=field,
        wait=wait,
        field_type=types.get(index, grpc.FieldType.FieldTypeText),
    )
    text = None
    if index == "phrases":
        text = grpc.TextIndexParams(
            tokenizer=grpc.TokenizerType.Whitespace, lowercase=False, phrase_matching=True, on_disk=True
        )
    elif index == "starts":
        # A mark and two letters at least: shorter beginnings cannot be asked for.
        text = grpc.TextIndexParams(
            tokenizer=grpc.TokenizerType.Prefix,
            lowercase=False,
            min_token_len=3,
            max_token_len=40,
            on_disk=True,
        )
    if text:
        request.field_index_params.CopyFrom(grpc.PayloadIndexParams(text_index_params=text))
    return request
