"""The store: typed questions and changes to the three collections of a filling, one call each."""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ipatent.index import Candidates, Rows
from ipatent.index.qdrant_collections import Filling, Kind
from ipatent.index.qdrant_filters import as_filter
from ipatent.index.qdrant_nodes import Nodes
from ipatent.index.qdrant_points import query_vector, values_of
from ipatent.patents import Vectors

if TYPE_CHECKING:
    from qdrant_client import grpc

PAGE = 1000
_MOST_IDS = 2000
_MOST_POINTS = 256

Conditions = Sequence["grpc.Condition"]


class Store:
    """The collections of a filling on some nodes; a `patient` one waits as long for reads as for writes."""

    def __init__(self, nodes: Nodes, filling: Filling, patient: bool = False) -> None:
        self.nodes = nodes
        self.filling = filling
        self._patient = patient

    # -- questions

    def count(self, kind: Kind, conditions: Conditions = ()) -> int:
        """How many points satisfy all conditions; exact."""
        from qdrant_client import grpc

        request = grpc.CountPoints(
            collection_name=self.filling[kind], filter=as_filter(conditions), exact=True
        )
        return int(self._asked("Count", request).result.count)

    def counts_by(self, kind: Kind, key: str, conditions: Conditions, limit: int) -> list[tuple[Any, int]]:
        """The commonest values of a payload's key with exact counts of points."""
        from qdrant_client import grpc

        request = grpc.FacetCounts(
            collection_name=self.filling[kind],
            key=key,
            filter=as_filter(conditions),
            limit=limit,
            exact=True,
        )
        hits = self._asked("Facet", request).hits
        return [(getattr(hit.value, hit.value.WhichOneof("variant")), int(hit.count)) for hit in hits]

    def by_rows(self, rows: Rows, payload: Sequence[str], vectors: Sequence[str] = ()) -> dict[int, Any]:
        """Figures' points by row, those that are there."""
        from qdrant_client import grpc

        ids = [grpc.PointId(num=row) for row in rows.tolist()]
        return {point.id.num: point for point in self._got("figures", ids, payload, vectors)}

    def by_texts(self, kind: Kind, ids: Iterable[str], payload: Sequence[str]) -> dict[str, Any]:
        """Points by their UUID, those that are there."""
        from qdrant_client import grpc

        asked = [grpc.PointId(uuid=each) for each in ids]
        return {point.id.uuid: point for point in self._got(kind, asked, payload, ())}

    def each(
        self, kind: Kind, conditions: Conditions, payload: Sequence[str], vectors: Sequence[str] = ()
    ) -> Iterator[Any]:
        """All points that satisfy the conditions, in the order of their ids."""
        from qdrant_client import grpc

        offset = None
        while True:
            request = grpc.ScrollPoints(
                collection_name=self.filling[kind],
                filter=as_filter(conditions),
                limit=PAGE,
                offset=offset,
                with_payload=_selected(payload),
                with_vectors=_chosen(vectors),
            )
            answer = self._asked("Scroll", request)
            yield from answer.result
            if not answer.HasField("next_page_offset"):
                return
            offset = answer.next_page_offset

    def highest(self, key: str, limit: int, conditions: Conditions) -> Rows:
        """The `limit` figures with the highest number in `key`, the highest first."""
        from qdrant_client import grpc

        request = grpc.ScrollPoints(
            collection_name=self.filling["figures"],
            filter=as_filter(conditions),
            limit=limit,
            with_payload=_selected([]),
            order_by=grpc.OrderBy(key=key, direction=grpc.Direction.Desc),
        )
        points = self._asked("Scroll", request).result
        return np.fromiter((point.id.num for point in points), np.int64, len(points))

    def nearest(
        self,
        using: str,
        vector: Vectors,
        limit: int,
        conditions: Conditions,
        exact: bool,
        ef: int = 0,
        oversampling: float = 1.0,
    ) -> Candidates:
        """The figures with the highest product with a (1, dimension) vector, ties by row."""
        from qdrant_client import grpc

        quantised = grpc.QuantizationSearchParams(ignore=exact, rescore=True, oversampling=oversampling)
        request = grpc.QueryPoints(
            collection_name=self.filling["figures"],
            query=grpc.Query(nearest=grpc.VectorInput(dense=grpc.DenseVector(data=query_vector(vector)))),
            using=using,
            filter=as_filter(conditions),
            limit=limit,
            params=grpc.SearchParams(exact=exact, hnsw_ef=max(ef, limit) or None, quantization=quantised),
        )
        points = self._asked("Query", request).result
        rows = np.fromiter((point.id.num for point in points), np.int64, len(points))
        scores = np.fromiter((point.score for point in points), np.float32, len(points))
        order = np.lexsort((rows, -scores))
        return Candidates(rows[order], scores[order])

    def wordy(
        self, weights: dict[int, float], limit: int, conditions: Conditions, payload: Sequence[str]
    ) -> list[Any]:
        """The figures whose sparse vector of words has the highest product with `weights`, best first."""
        from qdrant_client import grpc

        vector = grpc.SparseVector(indices=list(weights), values=list(weights.values()))
        request = grpc.QueryPoints(
            collection_name=self.filling["figures"],
            query=grpc.Query(nearest=grpc.VectorInput(sparse=vector)),
            using="words",
            filter=as_filter(conditions),
            limit=limit,
            with_payload=_selected(payload),
        )
        return list(self._asked("Query", request).result)

    def wait_until_green(self, seconds: float) -> bool:
        """Wait until the server has nothing left to optimise; False when that takes longer."""
        from qdrant_client import grpc

        deadline = time.monotonic() + seconds
        request = grpc.GetCollectionInfoRequest(collection_name=self.filling["figures"])
        while True:
            info = self.nodes.call("Collections", "Get", request).result
            if info.status == grpc.CollectionStatus.Green:
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)

    # -- changes: done, on as many replicas as are asked for, when they return

    def write(self, kind: Kind, points: "Sequence[grpc.PointStruct]") -> None:
        """Store points, in the place of those with the same ids; some hundreds at a time."""
        from qdrant_client import grpc

        for at in range(0, len(points), _MOST_POINTS):
            request = grpc.UpsertPoints(
                collection_name=self.filling[kind], wait=True, points=points[at : at + _MOST_POINTS]
            )
            self.nodes.call("Points", "Upsert", request, writing=True)

    def change(self, kind: Kind, point_id: str, payload: dict[str, Any]) -> None:
        """Give a point other values for some keys of its payload."""
        from qdrant_client import grpc

        selector = grpc.PointsSelector(points=grpc.PointsIdsList(ids=[grpc.PointId(uuid=point_id)]))
        request = grpc.SetPayloadPoints(
            collection_name=self.filling[kind],
            wait=True,
            payload=values_of(payload),
            points_selector=selector,
        )
        self.nodes.call("Points", "SetPayload", request, writing=True)

    def remove(self, kind: Kind, of: "Sequence[grpc.PointId]" = (), conditions: Conditions = ()) -> None:
        """Delete points by id, or those that satisfy all conditions."""
        from qdrant_client import grpc

        if of:
            selector = grpc.PointsSelector(points=grpc.PointsIdsList(ids=of))
        else:
            selector = grpc.PointsSelector(filter=as_filter(conditions))
        request = grpc.DeletePoints(collection_name=self.filling[kind], wait=True, points=selector)
        self.nodes.call("Points", "Delete", request, writing=True)

    def _got(
        self, kind: Kind, ids: "list[grpc.PointId]", payload: Sequence[str], vectors: Sequence[str]
    ) -> Iterator[Any]:
        from qdrant_client import grpc

        for at in range(0, len(ids), _MOST_IDS):
            request = grpc.GetPoints(
                collection_name=self.filling[kind],
                ids=ids[at : at + _MOST_IDS],
                with_payload=_selected(payload),
                with_vectors=_chosen(vectors),
            )
            yield from self._asked("Get", request).result

    def _asked(self, method: str, request: Any) -> Any:
        return self.nodes.call("Points", method, request, writing=self._patient)


def _selected(payload: Sequence[str]) -> "grpc.WithPayloadSelector":
    from qdrant_client import grpc

    if not payload:
        return grpc.WithPayloadSelector(enable=False)
    return grpc.WithPayloadSelector(include=grpc.PayloadIncludeSelector(fields=payload))


def _chosen(vectors: Sequence[str]) -> "grpc.WithVectorsSelector":
    from qdrant_client import grpc

    if not vectors:
        return grpc.WithVectorsSelector(enable=False)
    return grpc.WithVectorsSelector(include=grpc.VectorsSelector(names=vectors))
