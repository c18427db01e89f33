/** What is known of each execution provider of ONNX Runtime; how a session gets one is in native/onnxruntime/session_options.cc. */
import type { ProviderName } from '../config/types.js';

/** An execution provider of ONNX Runtime. */
export type Provider = Exclude<ProviderName, 'auto'>;

interface ProviderFacts {
  /** ONNX Runtime's own name. */
  ortName: string;
  /** Where a library with it comes from. */
  remedy: string;
  /** Whether PROVIDER=auto tries it. */
  auto: boolean;
}

export const HOW_TO_GET_A_LIBRARY =
  'on Debian and Raspberry Pi OS 13, but not on a Raspberry Pi 4, 3 or Zero 2, whose processors cannot load it: sudo apt install libonnxruntime1.21';

/** In the order in which auto tries them. */
export const PROVIDER_FACTS: Readonly<Record<Provider, ProviderFacts>> = {
  cuda: {
    ortName: 'CUDAExecutionProvider',
    remedy: "set ONNXRUNTIME_LIB to a build with CUDA, e.g. NVIDIA's for Jetson",
    auto: true,
  },
  tensorrt: {
    ortName: 'TensorrtExecutionProvider',
    remedy: "set ONNXRUNTIME_LIB to a build with TensorRT, e.g. NVIDIA's for Jetson",
    // Building its engines takes minutes.
    auto: false,
  },
  xnnpack: {
    ortName: 'XnnpackExecutionProvider',
    remedy: `${HOW_TO_GET_A_LIBRARY} (it has XNNPACK)`,
    auto: true,
  },
  nnapi: {
    ortName: 'NnapiExecutionProvider',
    remedy: 'set ONNXRUNTIME_LIB to an Android build with NNAPI',
    auto: true,
  },
  cpu: { ortName: 'CPUExecutionProvider', remedy: HOW_TO_GET_A_LIBRARY, auto: true },
};

export const PROVIDERS = Object.keys(PROVIDER_FACTS) as Provider[];
