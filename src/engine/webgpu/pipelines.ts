/** Shaders compiled into pipelines, each combination of stage and constants once per device. */
import { assemble, numbered, type Choices } from './assemble.js';
import { stages, type Access, type Stage, type StageName } from './stages.js';

/** Values of `override` constants; booleans as 0 and 1. */
export type Constants = Readonly<Record<string, number>>;

const bindingTypes: Readonly<Record<Access, GPUBufferBindingType>> = {
  uniform: 'uniform',
  read: 'read-only-storage',
  read_write: 'storage',
};

/** `GPUShaderStage.COMPUTE`; the constant itself is missing from Node. */
const COMPUTE = 4;

/** The bind group layout that a row of the stage table describes. */
function layoutOf(device: GPUDevice, name: string, { bindings }: Stage): GPUBindGroupLayout {
  const entries = bindings.map(([, access], binding) => ({
    binding,
    visibility: COMPUTE,
    buffer: { type: bindingTypes[access] },
  }));
  return device.createBindGroupLayout({ label: name, entries });
}

/** All of a compiler's messages, the shader's name and its assembled text, or null when it compiled. */
export function compileError(
  name: string,
  code: string,
  messages: readonly Pick<GPUCompilationMessage, 'type' | 'lineNum' | 'linePos' | 'message'>[],
): Error | null {
  if (!messages.some(({ type }) => type === 'error')) return null;
  const list = messages.map((m) => `  ${m.lineNum}:${m.linePos} ${m.type}: ${m.message}`).join('\n');
  return new Error(`shader ${name} does not compile:\n${list}\n${numbered(code)}`);
}

/** Compiles WGSL; throws an error that names the shader and shows all messages with the numbered source. */
export async function compile(device: GPUDevice, name: string, code: string): Promise<GPUShaderModule> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: name, code });
  const scope = device.popErrorScope();
  const { messages } = await module.getCompilationInfo();
  const error = compileError(name, code, messages);
  const invalid = await scope;
  if (error) throw error;
  if (invalid) throw new Error(`shader ${name} is refused: ${invalid.message}\n${numbered(code)}`);
  return module;
}

export class Pipelines {
  private readonly layouts = new Map<StageName, GPUBindGroupLayout>();
  private readonly modules = new Map<string, Promise<GPUShaderModule>>();
  private readonly pipelines = new Map<string, Promise<GPUComputePipeline>>();

  constructor(private readonly device: GPUDevice) {}

  layout(stage: StageName): GPUBindGroupLayout {
    let layout = this.layouts.get(stage);
    if (!layout) this.layouts.set(stage, (layout = layoutOf(this.device, stage, stages[stage])));
    return layout;
  }

  /** @throws Error naming the shader when it does not compile for these constants */
  get(stage: StageName, constants: Constants, choices: Choices = {}): Promise<GPUComputePipeline> {
    const key = `${stage} ${JSON.stringify([constants, choices])}`;
    let pipeline = this.pipelines.get(key);
    if (!pipeline) this.pipelines.set(key, (pipeline = this.create(stage, constants, choices)));
    return pipeline;
  }

  private async create(
    stage: StageName,
    constants: Constants,
    choices: Choices,
  ): Promise<GPUComputePipeline> {
    const code = assemble(stage, [stages[stage].struct], choices);
    const name = [stage, ...Object.values(choices)].join(' ');
    let module = this.modules.get(name);
    if (!module) this.modules.set(name, (module = compile(this.device, name, code)));
    const descriptor: GPUComputePipelineDescriptor = {
      label: name,
      layout: this.device.createPipelineLayout({ bindGroupLayouts: [this.layout(stage)] }),
      compute: { module: await module, entryPoint: 'main', constants: { ...constants } },
    };
    try {
      return await this.device.createComputePipelineAsync(descriptor);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const values = JSON.stringify(constants);
      throw new Error(`shader ${name} makes no pipeline with ${values}: ${reason}\n${numbered(code)}`, {
        cause,
      });
    }
  }
}
