"""A LLaVA projector with random weights, so that a small text model's server accepts pictures."""

from pathlib import Path

import numpy as np

_PIXELS, _PATCH, _INSIDE, _HEADS, _WIDER = 56, 14, 64, 4, 128
_LIKE_CLIP = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])


def write_projector(path: Path, width: int = 576, seed: int = 7) -> None:
    """Write a projector into a model whose embeddings are `width` long: SmolLM2-135M's are 576.

    What the model "sees" through it is noise. All else of the way of a picture is real: the server
    decodes and scales it, and puts 16 tokens of it into the prompt.
    """
    from gguf import GGUFWriter

    dice = np.random.default_rng(seed)
    out = GGUFWriter(path, "clip")
    out.add_bool("clip.has_vision_encoder", True)
    out.add_string("clip.projector_type", "mlp")
    out.add_bool("clip.use_gelu", False)
    for name, value in (
        ("image_size", _PIXELS),
        ("patch_size", _PATCH),
        ("embedding_length", _INSIDE),
        ("feed_forward_length", _WIDER),
        ("projection_dim", width),
        ("block_count", 1),
        ("attention.head_count", _HEADS),
    ):
        out.add_uint32(f"clip.vision.{name}", value)
    out.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    for name, numbers in zip(("image_mean", "image_std"), _LIKE_CLIP, strict=True):
        out.add_array(f"clip.vision.{name}", numbers)

    def add(name: str, *shape: int) -> None:
        if name.endswith(("ln.weight", "ln1.weight", "ln2.weight")):
            numbers = np.ones(shape, np.float32)
        else:
            numbers = (dice.standard_normal(shape) * 0.02).astype(np.float32)
        out.add_tensor(name, numbers)

    add("v.class_embd", _INSIDE)
    add("v.patch_embd.weight", _INSIDE, 3, _PATCH, _PATCH)
    add("v.position_embd.weight", (_PIXELS // _PATCH) ** 2 + 1, _INSIDE)
    for layer in ("v.pre_ln", "v.blk.0.ln1", "v.blk.0.ln2"):
        add(f"{layer}.weight", _INSIDE)
        add(f"{layer}.bias", _INSIDE)
    for part, to, of in (
        ("attn_q", _INSIDE, _INSIDE),
        ("attn_k", _INSIDE, _INSIDE),
        ("attn_v", _INSIDE, _INSIDE),
        ("attn_out", _INSIDE, _INSIDE),
        ("ffn_up", _WIDER, _INSIDE),
        ("ffn_down", _INSIDE, _WIDER),
    ):
        add(f"v.blk.0.{part}.weight", to, of)
        add(f"v.blk.0.{part}.bias", to)
    for layer, of in (("mm.0", _INSIDE), ("mm.2", width)):
        add(f"{layer}.weight", width, of)
        add(f"{layer}.bias", width)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
