/**
 * A GPU that computes nothing and remembers every compute pipeline that is asked of it: what an engine would
 * compile can be had on a machine without any. Its limits are WebGPU's defaults, its buffers hold zeros.
 */

export interface RecordedPipeline {
  readonly label: string;
  readonly code: string;
  readonly entryPoint: string;
  /** Values of the `override` constants. */
  readonly constants: Readonly<Record<string, number>>;
}

/** WebGPU's defaults, as far as compute shaders are concerned. */
const LIMITS = {
  maxBindGroups: 4,
  maxStorageBuffersPerShaderStage: 8,
  maxUniformBufferBindingSize: 65_536,
  maxStorageBufferBindingSize: 134_217_728,
  maxBufferSize: 268_435_456,
  minUniformBufferOffsetAlignment: 256,
  minStorageBufferOffsetAlignment: 256,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256,
  maxComputeWorkgroupSizeZ: 64,
  maxComputeWorkgroupsPerDimension: 65_535,
};

/** The GPU, and the list that it fills: each distinct pipeline once, in the order asked for. */
export function recordingGpu(): { readonly gpu: GPU; readonly pipelines: readonly RecordedPipeline[] } {
  const pipelines: RecordedPipeline[] = [];
  const seen = new Set<string>();
  const codes = new Map<object, string>();

  const record = ({ label = '', compute }: GPUComputePipelineDescriptor): object => {
    const { module, entryPoint = 'main', constants = {} } = compute;
    const pipeline = { label, code: codes.get(module)!, entryPoint, constants: { ...constants } };
    const key = JSON.stringify(pipeline);
    if (!seen.has(key)) pipelines.push(pipeline);
    seen.add(key);
    return { getBindGroupLayout: () => ({}) };
  };
  const nothing = (): void => {};
  const emptyPass = {
    setPipeline: nothing,
    setBindGroup: nothing,
    dispatchWorkgroups: nothing,
    dispatchWorkgroupsIndirect: nothing,
    end: nothing,
  };
  const device = {
    features: new Set<string>(),
    limits: LIMITS,
    lost: new Promise(nothing),
    pushErrorScope: nothing,
    popErrorScope: async () => null,
    addEventListener: nothing,
    removeEventListener: nothing,
    destroy: nothing,
    createShaderModule({ code }: GPUShaderModuleDescriptor): object {
      const module = { getCompilationInfo: async () => ({ messages: [] }) };
      codes.set(module, code);
      return module;
    },
    createComputePipeline: record,
    createComputePipelineAsync: async (descriptor: GPUComputePipelineDescriptor) => record(descriptor),
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createBindGroup: () => ({}),
    createBuffer: ({ size }: GPUBufferDescriptor) => ({
      size,
      mapAsync: async () => undefined,
      getMappedRange: (offset = 0, length = size - offset) => new ArrayBuffer(length),
      unmap: nothing,
      destroy: nothing,
    }),
    createCommandEncoder: () => ({
      beginComputePass: () => emptyPass,
      copyBufferToBuffer: nothing,
      clearBuffer: nothing,
      finish: () => ({}),
    }),
    queue: { writeBuffer: nothing, submit: nothing, onSubmittedWorkDone: async () => undefined },
  };
  const info = { vendor: 'none', architecture: '', device: '', description: '', isFallbackAdapter: false };
  const adapter = { info, features: new Set<string>(), limits: LIMITS, requestDevice: async () => device };
  const gpu = { requestAdapter: async () => adapter, wgslLanguageFeatures: new Set<string>() };
  return { gpu: gpu as unknown as GPU, pipelines };
}
