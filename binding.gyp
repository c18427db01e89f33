{
  "targets": [
    {
      "target_name": "<(module_name)",
      "sources": [
        "native/addon.cc",
        "native/bindings/errors.cc",
        "native/bindings/frame_reader.cc",
        "native/bindings/load_runtime.cc",
        "native/bindings/motion_meter.cc",
        "native/bindings/native_detector.cc",
        "native/bindings/process.cc",
        "native/bindings/to_rgb.cc",
        "native/bindings/values.cc",
        "native/detection/decode.cc",
        "native/detection/detector.cc",
        "native/detection/model_spec.cc",
        "native/detection/nms.cc",
        "native/image/color.cc",
        "native/image/planes.cc",
        "native/image/draw.cc",
        "native/image/letterbox.cc",
        "native/image/motion.cc",
        "native/image/pixel_kernels.cc",
        "native/image/resample.cc",
        "native/image/rgb.cc",
        "native/onnxruntime/runtime.cc",
        "native/onnxruntime/schema_error_filter.cc",
        "native/onnxruntime/session.cc",
        "native/onnxruntime/session_options.cc",
        "native/base/cpu_time.cc",
        "native/base/frame_pipe.cc",
        "native/base/heap.cc",
        "native/base/service_manager.cc",
        "native/base/task_thread.cc"
      ],
      "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=<(napi_build_version)", "NODE_ADDON_API_CPP_EXCEPTIONS"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-std=gnu++14"],
      "cflags_cc": ["-std=c++17", "-O3", "-Wall", "-Wextra", "-fvisibility=hidden"],
      # Threads and exit handlers of the process use this code: it is never unmapped, not even when the worker that loaded it ends.
      "ldflags": ["-Wl,-z,nodelete"],
      "libraries": ["-ldl", "-pthread"]
    },
    {
      "target_name": "install",
      "type": "none",
      "dependencies": ["<(module_name)"],
      "copies": [{ "files": ["<(PRODUCT_DIR)/<(module_name).node"], "destination": "<(module_path)" }]
    }
  ]
}
