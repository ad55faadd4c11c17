// Element-wise stages run over rows × columns, which can be more workgroups than one axis of a dispatch takes.

const FLAT_LANES = 64u;

// Index of an invocation when workgroups fill x first, then y.
fn flat_index(group: vec3u, groups: vec3u, lane: u32) -> u32 {
  return (group.y * groups.x + group.x) * FLAT_LANES + lane;
}
